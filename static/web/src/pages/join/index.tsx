import { useEffect, useState } from 'preact/hooks';
import { DoorOpen, LinkIcon, SearchX, WifiOff } from 'lucide-preact';
import { arrive, setTitle } from '../../a11y';
import type { PageProps } from '../../app';
import { getEvent, identify, type EventCard, type Identity, type Joined } from '../../api';
import { sentence, t } from '../../i18n';
import { Refusal } from '../../refusal';
import { setServerTime } from '../../time';
import { linkToken, peek, sessionToken, setSessionToken } from '../../token';
import { Masthead, Notice, Spinner } from '../../ui/parts';
import { Card, Privacy } from './card';
import { Confirm, GuestForm, Identify, NewcomerForm } from './forms';
import type { Left, ViewerPage } from '../viewer/props';
import './join.css';
import { w } from './words';

type Step =
  | { at: 'identify' | 'unknown' | 'guest' }
  | { at: 'confirm'; who: Identity }
  | { at: 'checking' } // a personal link is being looked up
  | { at: 'refused'; error: unknown };

const STAFF = ['operator', 'moderator', 'mc', 'vip', 'speaker', 'interpreter', 'minutes', 'player', 'bpsdm'];

export default function Join({ event, scope }: PageProps) {
  const link = linkToken(scope);
  const staff = STAFF.includes(peek(link).role); // they need not say who they are: their link does
  const [token, setToken] = useState(sessionToken(scope) || (staff ? link : ''));
  const [left, setLeft] = useState<Left | null>(null);
  const onLeave = (why: Left) => {
    setSessionToken(scope, '');
    setToken('');
    setLeft(why);
  };
  const onJoined = (j: Joined) => {
    setSessionToken(scope, j.token);
    setLeft(null);
    arrive();
    setToken(j.token);
  };
  if (token) return <LazyViewer event={event} scope={scope} token={token} onLeave={onLeave} />;
  if (!link) {
    return (
      <>
        <Masthead />
        <Notice icon={<LinkIcon size={44} aria-hidden="true" />} title={w.value.noLinkTitle} testid="no-link">
          <p>{w.value.noLink}</p>
        </Notice>
      </>
    );
  }
  if (left === 'expired' && staff) {
    return <Failed error={new Refusal('NotAllowed', 'token_expired', '')} onRetry={() => location.reload()} />;
  }
  if (left === 'left') {
    return (
      <>
        <Masthead />
        <Notice icon={<DoorOpen size={44} aria-hidden="true" />} title={w.value.leftTitle} testid="left">
          <p>{w.value.leftLead}</p>
          <p>
            <button type="button" class="btn" onClick={() => (staff ? setToken(link) : setLeft(null))}>
              {w.value.rejoin}
            </button>
          </p>
        </Notice>
      </>
    );
  }
  return <Door event={event} link={link} onJoined={onJoined} again={left === 'expired'} />;
}

function Door(p: { event: string; link: string; onJoined: (j: Joined) => void; again: boolean }) {
  const [card, setCard] = useState<EventCard | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [nip, setNIP] = useState('');
  const claims = peek(p.link);
  const first: Step =
    claims.role === 'guest' ? { at: 'guest' } : claims.person ? { at: 'checking' } : { at: 'identify' };
  const [step, setStep] = useState<Step>(first);

  const load = () => {
    setFailure(null);
    getEvent(p.event).then((e) => {
      if (e.now) setServerTime(e.now);
      setCard(e);
      void viewer(); // fetched while the person types
    }, setFailure);
  };
  const check = () => {
    setStep({ at: 'checking' });
    identify(p.event, p.link, {}).then(
      (who) => setStep({ at: 'confirm', who }),
      (error: unknown) => setStep({ at: 'refused', error }),
    );
  };
  useEffect(() => {
    load();
    if (first.at === 'checking') check();
  }, [p.event, p.link]);
  useEffect(() => setTitle(card?.title ?? t.value.joinEvent), [card, t.value]);

  if (failure) return <Failed error={failure} onRetry={load} />;
  if (step.at === 'refused') return <Failed error={step.error} onRetry={check} />;
  const common = { event: p.event, token: p.link, onJoined: p.onJoined };
  return (
    <>
      <Masthead />
      <main id="main" class="join">
        <div class="lead">{card ? <Card e={card} /> : <Spinner label={t.value.loading} />}</div>
        <div class="door">
          <div class="card stack">
            {p.again && <p class="banner" role="status">{w.value.rejoinNote}</p>}
            {card?.phase === 'ended' && <p class="banner">{w.value.eventEnded}</p>}
            {step.at === 'checking' && <Spinner label={t.value.loading} />}
            {step.at === 'identify' && (
              <Identify {...common} nip={nip} onNIP={setNIP} onFound={(who) => setStep({ at: 'confirm', who })}
                onUnknown={() => setStep({ at: 'unknown' })} onGuest={() => setStep({ at: 'guest' })} />
            )}
            {step.at === 'confirm' && (
              <Confirm {...common} who={step.who} personal={claims.person} onOther={() => setStep({ at: 'identify' })} />
            )}
            {step.at === 'unknown' && (
              <NewcomerForm {...common} nip={nip} onBack={() => setStep({ at: 'identify' })} />
            )}
            {step.at === 'guest' && (
              <GuestForm {...common} onBack={claims.role === 'guest' ? null : () => setStep({ at: 'identify' })} />
            )}
          </div>
          {card && <Privacy e={card} />}
        </div>
      </main>
    </>
  );
}

function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const x = w.value;
  const code = error instanceof Refusal ? error.code : '';
  const kind = error instanceof Refusal ? error.kind : '';
  return (
    <>
      <Masthead />
      {code.startsWith('token_') || kind === 'NotAllowed' ? (
        <Notice icon={<LinkIcon size={44} aria-hidden="true" />} title={x.badLinkTitle} testid="bad-link">
          <p>{error instanceof Refusal && error.message}</p>
          <p>{x.badLink}</p>
        </Notice>
      ) : kind === 'NotFound' ? (
        <Notice icon={<SearchX size={44} aria-hidden="true" />} title={x.missingEvent} testid="missing-event">
          <p>{t.value.linkMissing}</p>
        </Notice>
      ) : (
        <Notice icon={<WifiOff size={44} aria-hidden="true" />} title={sentence(error)} testid="join-failed">
          <p><button type="button" class="btn" onClick={onRetry}>{t.value.retry}</button></p>
        </Notice>
      )}
    </>
  );
}

const viewer = () => import('../viewer');

function LazyViewer(p: PageProps & { token: string; onLeave: (why: Left) => void }) {
  const [page, setPage] = useState<{ View: ViewerPage } | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    viewer().then((m) => setPage({ View: m.default }), () => setFailed(true));
  }, []);
  if (failed) return <Failed error={new Refusal('Offline', 'offline', '')} onRetry={() => location.reload()} />;
  if (!page) return <main class="centre"><Spinner label={t.value.loading} /></main>;
  return <page.View {...p} />;
}
