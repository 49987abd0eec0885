import { useEffect, useRef, useState } from 'preact/hooks';
import { CircleCheckBig, Ear, Megaphone, MicOff, Music, Pause, Unplug } from 'lucide-preact';
import { focusOn, setTitle } from '../../a11y';
import type { PageProps } from '../../app';
import { lang, t } from '../../i18n';
import type { Socket } from '../../socket';
import { chat, connection, counts, cueNow, event, goodbye, may, notice, talk, you } from '../../store/state';
import { formatNumber } from '../../time';
import { linkToken } from '../../token';
import { CutBanner } from '../../ui/cut';
import { later } from '../../ui/later';
import { LangSwitch, Mark, Masthead, Notice } from '../../ui/parts';
import { Clock, Elapsed, PhaseBadge } from '../staff/phase';
import { Gate, useStaffSocket, WrongPage } from '../staff/session';
import { Toasts } from '../staff/toast';
import { Air } from './air';
import { Check } from './check';
import { Lookout } from './lookout';
import { useOnAir } from './onair';
import { Approved, Chosen } from './questions';
import './stage.css';
import { w } from './words';

const Material = later(() => import('../material').then((m) => m.default));
const Talk = later(() => import('./talk').then((m) => m.Talk));
const Vip = later(() => import('./vip').then((m) => m.Vip));
const Trainer = later(() => import('../kelas/trainer').then((m) => m.default));
const ClassGoodbye = later(() => import('../kelas/goodbye').then((m) => m.Goodbye));

/** The page of who stands on the stage: speakers, moderators with a camera, sign interpreters. */
export default function StagePage({ event: id, scope }: PageProps) {
  const socket = useStaffSocket(id, scope);
  const ended = event.value?.phase === 'ended' || goodbye.value?.reason === 'ended';
  const [left, setLeft] = useState(false);
  useEffect(() => {
    if (left) socket?.stop();
  }, [left, socket]);
  if (socket && (ended || left) && event.value?.kind === 'class') return <ClassGoodbye ended={ended} />;
  if (socket && ended) return <Over />;
  if (!socket || !you.value || !event.value || connection.value === 'closed') return <Gate scope={scope} />;
  if (!may('backstage')) return <WrongPage />;
  if (event.value.kind === 'class' && you.value.role !== 'interpreter') return <Trainer socket={socket} scope={scope} onLeft={() => setLeft(true)} />;
  if (you.value.role === 'vip') return <Vip socket={socket} scope={scope} />;
  return <Open socket={socket} scope={scope} />;
}

function Open({ socket, scope }: { socket: Socket; scope: string }) {
  const sign = you.peek()?.role === 'interpreter';
  const { studio, media, on, away, music } = useOnAir(socket, sign ? 'interpreter' : 'camera');
  const x = w.value;
  const phase = event.value?.phase;
  const mediaLive = studio.camera.value?.status.value === 'live';

  const title = event.value?.title ?? '';
  useEffect(() => setTitle(`${on ? '● ' : ''}${sign ? x.titleSign : x.title}`, title), [on, title, x]);
  const quiet = on && !sign && !studio.micOn.value;
  const air = studio.where.value === 'air';
  const was = useRef(air);
  const left = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (air !== was.current) setTimeout(() => document.activeElement === document.body && focusOn(left.current)); // what was pressed is gone
    was.current = air;
  }, [air]);
  return (
    <div class="studio dark" data-testid="stage-page" data-where={studio.where.value}>
      <a class="skip" href="#main">{t.value.skipToContent}</a>
      <Bar on={on} sign={sign} />
      {away && (
        <div class="banner" role="status" data-testid="reconnecting">
          <Unplug size={20} aria-hidden="true" />
          <span>{x.socketAway} {on && mediaLive && x.socketAwayOnAir}</span>
        </div>
      )}
      <CutBanner of="stage" />
      {on && phase === 'paused' && (
        <div class="banner" role="status" data-testid="paused-banner">
          <Pause size={20} aria-hidden="true" /><span>{x.pausedBanner}</span>
        </div>
      )}
      {music && (
        <div class="banner good" role="status" data-testid="music-banner">
          <Music size={20} aria-hidden="true" /><span>{x.musicOn}</span>
        </div>
      )}
      {notice.value.text && (
        <div class="banner" role="status" data-testid="notice">
          <Megaphone size={20} aria-hidden="true" /><span>{notice.value.text}</span>
        </div>
      )}
      {quiet && (
        <div class="banner error" role="status" data-testid="mic-off-banner">
          <MicOff size={20} aria-hidden="true" /><span>{studio.held.value.sound ? x.micHeldBanner : x.micOffBanner}</span>
        </div>
      )}
      <main id="main" class="studio-body">
        <div class="studio-left" ref={left}>
          {air ? <Air studio={studio} /> : <Check studio={studio} />}
          <Lookout studio={studio} media={media} />
        </div>
        <div class="studio-right">
          <Chosen />
          {may('page') && <Material socket={socket} token={linkToken(scope)} keys="page" />}
          <Approved />
          {(talk.value.chat || chat.value.size > 0) && <Talk socket={socket} />}
        </div>
      </main>
      <Toasts />
    </div>
  );
}

function Bar({ on, sign }: { on: boolean; sign: boolean }) {
  const e = event.value;
  const x = w.value;
  const n = counts.value.hearing;
  const many = formatNumber(n, lang.value);
  const heard = sign
    ? n > 0 ? x.hearingSign(many) : x.hearingNoneSign
    : n > 0 ? x.hearing(many) : x.hearingNone;
  return (
    <header class="studio-bar">
      <span class="brand" aria-hidden="true"><Mark size={26} /></span>
      <div class="what">
        <h1 title={e?.title}>{e?.title}</h1>
        <div class="row">
          {e && <PhaseBadge phase={e.phase} />}
          {e && <Elapsed event={e} />}
          <Clock />
          {cueNow.value && <strong data-testid="cue-now">{cueNow.value.title}</strong>}
        </div>
      </div>
      {on && (
        <p class={`hearing ${n > 0 ? '' : 'none'}`} data-testid="hearing" data-n={n}>
          <Ear size={22} aria-hidden="true" />
          {heard}
        </p>
      )}
      <LangSwitch />
    </header>
  );
}

function Over() {
  return (
    <>
      <Masthead home={false} />
      <Notice testid="event-ended" icon={<CircleCheckBig size={40} aria-hidden="true" />} title={w.value.endedTitle}>
        <p>{w.value.endedText}</p>
      </Notice>
    </>
  );
}
