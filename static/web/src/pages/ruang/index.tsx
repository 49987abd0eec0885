import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { CloudOff, CloudUpload, DoorOpen, LogOut } from 'lucide-preact';
import { setTitle } from '../../a11y';
import type { PageProps } from '../../app';
import { randomName } from '../../device';
import { lang, sentence, t } from '../../i18n';
import { Refusal } from '../../refusal';
import { formatClock, formatDate, setServerTime } from '../../time';
import { dropTokens, linkToken } from '../../token';
import { Field, Masthead, Notice, Spinner } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { Confirm } from '../staff/confirm';
import { Toasts } from '../staff/toast';
import { enter, getDesk, getRoster, openHall, type Desk, type HallInfo, type Person } from './data';
import { HallPage } from './hall';
import * as idb from './idb';
import { keepOffline } from './offline';
import { fragile, held, online, queue, Sender, waiting } from './queue';
import { w } from './words';
import './ruang.css';

/** The desk of a PIC: opens without a network after its first visit, and loses nothing when its tab is closed. */
export default function Ruang({ event, scope }: PageProps) {
  const [token, setToken] = useState<string | null>(null); // null: being looked up
  useEffect(() => setTitle(w.value.title), [w.value]);
  useEffect(() => {
    const link = linkToken(scope);
    const key = `token.${event}`;
    if (link) void idb.put('keep', key, link).then(() => setToken(link), () => setToken(link));
    else idb.get<string>('keep', key).then((k) => setToken(k ?? ''), () => setToken(''));
  }, [event, scope]);
  if (token === null) return <main class="centre"><Spinner label={t.value.loading} /></main>;
  if (!token) {
    return <Enter event={event} onToken={(k) => void idb.put('keep', `token.${event}`, k).catch(() => {}).then(() => setToken(k))} />;
  }
  return <DeskPage event={event} token={token} onLeave={async () => {
    // The people's data goes; what was taken and not sent stays, and Enter goes on sending it.
    dropTokens(scope);
    for (const key of [`token.${event}`, `desk.${event}`, `roster.${event}`]) await idb.drop('keep', key).catch(() => {});
    await idb.dropAll('keep', `hall.${event}.`).catch(() => {});
    history.replaceState(null, '', location.pathname);
    setToken('');
  }} />;
}

/** The door; what a PIC who signed out left unsent is sent from here. */
function Enter({ event, onToken }: { event: string; onToken: (t: string) => void }) {
  const [code, setCode] = useState('');
  const { busy, error, say, run } = useRun();
  const sender = useMemo(() => new Sender(event, ''), [event]);
  useEffect(() => {
    void sender.start();
    return () => sender.stop();
  }, [sender]);
  const had = useRef(0);
  had.current = Math.max(had.current, waiting().length);
  const x = w.value;
  const submit = (e: Event) => {
    e.preventDefault();
    if (!code.trim()) return say(x.codeShort);
    run(async () => onToken((await enter(event, code.trim())).token));
  };
  return (
    <>
      <Masthead home={false} />
      {had.current > 0 && <Net />}
      <main id="main" class="centre">
        <form class="card stack rb-door" onSubmit={submit} noValidate>
          <h1>{x.codeTitle}</h1>
          {waiting().length > 0 && <p class="banner" data-testid="pic-left">{x.leftHere(waiting().length)}</p>}
          <p>{x.codeLead}</p>
          <Field label={x.code} hint={x.codeHint} error={error}>
            {(a) => (
              <input {...a} class="input" autoCapitalize="characters" autoComplete="off" spellcheck={false} maxLength={12} value={code}
                onInput={(e) => setCode(e.currentTarget.value)} data-testid="pic-code" />
            )}
          </Field>
          <button type="submit" class="btn wide" aria-disabled={busy} data-testid="pic-enter">{x.enter}</button>
        </form>
      </main>
    </>
  );
}

function DeskPage(p: { event: string; token: string; onLeave: () => Promise<void> }) {
  const [desk, setDesk] = useState<Desk | null>(null);
  const [people, setPeople] = useState<Person[]>([]);
  const [hall, setHall] = useState(location.hash.slice(1));
  const [failed, setFailed] = useState<unknown>(null);
  const [leaving, setLeaving] = useState(false);
  const sender = useMemo(() => new Sender(p.event, p.token), [p.event, p.token]);
  const x = w.value;

  const load = async () => {
    try {
      const d = await getDesk(p.event, p.token);
      if (d.event.now) setServerTime(d.event.now);
      setDesk(d);
      setFailed(null);
      online.value = true;
      await idb.put('keep', `desk.${p.event}`, d).catch(() => {});
    } catch (e) {
      if (e instanceof Refusal && e.kind === 'Offline') online.value = false;
      else setFailed(e);
    }
  };
  useEffect(() => {
    void (async () => {
      // What the phone holds first, so that the page works before, and without, the network.
      setDesk((await idb.get<Desk>('keep', `desk.${p.event}`).catch(() => null)) ?? null);
      setPeople((await idb.get<Person[]>('keep', `roster.${p.event}`).catch(() => null)) ?? []);
      void sender.start();
      await load();
      try {
        const r = await getRoster(p.event, p.token);
        setPeople(r.people);
        await idb.put('keep', `roster.${p.event}`, r.people);
      } catch {
        // the list of the last visit stands
      }
      await keepOffline();
    })();
    const timer = setInterval(() => void load(), 15_000);
    return () => {
      clearInterval(timer);
      sender.stop();
    };
  }, [sender]);
  const show = (id: string) => {
    history.replaceState(null, '', location.pathname + (id ? `#${id}` : ''));
    setHall(id);
  };

  if (failed && !desk) {
    return (
      <>
        <Masthead home={false} />
        <Notice title={t.value.noAccess} testid="pic-refused">
          <p>{sentence(failed)}</p>
          <p><button type="button" class="btn" onClick={() => void p.onLeave()}>{x.enter}</button></p>
        </Notice>
      </>
    );
  }
  const current = desk?.halls.find((h) => h.id === hall);
  return (
    <>
      <Masthead home={false}>
        <span class="rb-title">{x.title}</span>
      </Masthead>
      <Net />
      <main id="main" class="page rb">
        {!desk && <Spinner label={online.value ? t.value.loading : x.offline} />}
        {desk && current && (
          <HallPage key={current.id} event={p.event} token={p.token} info={current} desk={desk} people={people} sender={sender}
            onBack={() => show('')} onChange={load} />
        )}
        {desk && !current && <Halls event={p.event} token={p.token} desk={desk} onOpen={show} onChange={load} />}
        {desk && !current && (
          <p class="rb-leave">
            <button type="button" class="btn bare" data-testid="pic-out" onClick={() => {
              void sender.flush();
              setLeaving(true);
            }}>
              <LogOut size={18} aria-hidden="true" />
              {x.leave}
            </button>
          </p>
        )}
      </main>
      {leaving && (
        <Confirm title={x.leave} text={queue.value.length > 0 ? x.leaveUnsent(queue.value.length) : x.leaveAsk} button={x.leave}
          testid="pic-leave" onClose={() => setLeaving(false)} onYes={() => p.onLeave()} />
      )}
      <Toasts />
    </>
  );
}

/** Says whether marks reach the server, how many wait, and why. */
function Net() {
  const n = waiting().length;
  const x = w.value;
  const off = !online.value;
  const said = [
    n > 0 ? x.waiting(n) : off ? '' : x.allSent,
    off ? x.offline : n > 0 ? held.value : '',
    fragile.value ? x.fragile : '',
  ].filter(Boolean);
  return (
    <div class={`rb-net${off || held.value || fragile.value ? ' off' : ''}`} role="status" data-testid="pic-net" data-waiting={n}
      data-online={String(!off)}>
      {off ? <CloudOff size={18} aria-hidden="true" /> : <CloudUpload size={18} aria-hidden="true" />}
      <span>{said.join(' · ')}</span>
    </div>
  );
}

function Halls(p: { event: string; token: string; desk: Desk; onOpen: (id: string) => void; onChange: () => Promise<void> }) {
  const [name, setName] = useState('');
  const [place, setPlace] = useState('');
  const { busy, error, run } = useRun();
  const [entry, setEntry] = useState(randomName);
  const x = w.value;
  const d = p.desk;
  const submit = (e: Event) => {
    e.preventDefault();
    run(async () => {
      const h = await openHall(p.event, p.token, { entry, name: name.trim(), place: place.trim() });
      setEntry(randomName());
      await p.onChange();
      p.onOpen(h.id);
    });
  };
  return (
    <div class="stack">
      <section class="rb-event">
        <h1>{d.event.title}</h1>
        <p>{formatDate(d.event.startsAt, lang.value)}, {formatClock(d.event.startsAt, lang.value)}–{formatClock(d.event.endsAt, lang.value)} WIB</p>
        <p class="muted">{d.name} · {x.for(d.slice || x.everyone)}</p>
        <p class="small muted">{x.until(`${formatDate(d.until, lang.value)} ${formatClock(d.until, lang.value)}`)}</p>
      </section>
      {d.halls.length > 0 && (
        <section aria-labelledby="rb-halls" class="stack">
          <h2 id="rb-halls">{x.halls}</h2>
          <ul class="rb-halls">
            {d.halls.map((h) => <HallCard key={h.id} h={h} onOpen={() => p.onOpen(h.id)} />)}
          </ul>
        </section>
      )}
      {d.event.phase !== 'ended' && (
        <form class="card stack" onSubmit={submit} noValidate aria-labelledby="rb-open">
          <h2 id="rb-open">{x.openTitle}</h2>
          <p class="muted">{x.openLead}</p>
          <Field label={x.name} hint={x.nameHint} error={error}>
            {(a) => (
              <input {...a} class="input" maxLength={120} value={name} onInput={(e) => setName(e.currentTarget.value)} data-testid="hall-name" />
            )}
          </Field>
          <Field label={x.place}>
            {(a) => <input {...a} class="input" maxLength={120} value={place} onInput={(e) => setPlace(e.currentTarget.value)} />}
          </Field>
          <button type="submit" class="btn" aria-disabled={busy} data-testid="hall-open">
            <DoorOpen size={20} aria-hidden="true" />
            {x.openHall}
          </button>
        </form>
      )}
    </div>
  );
}

function HallCard({ h, onOpen }: { h: HallInfo; onOpen: () => void }) {
  const x = w.value;
  const unsent = waiting().filter((q) => q.hall === h.id).length;
  return (
    <li>
      <button type="button" class="card rb-hall" onClick={onOpen} data-testid="hall-card">
        <span class="row spread">
          <strong>{h.name}</strong>
          <span class={`badge${h.closed ? ' grey' : ''}`}>{h.closed ? x.closedState : x.openState}</span>
        </span>
        {h.place && <span class="muted">{h.place}</span>}
        <span class="row">
          <span>{x.inside} <strong class="num">{h.inside}</strong></span>
          <span>{x.left} <strong class="num">{h.left}</strong></span>
          {unsent > 0 && <span class="badge gold">{x.plus(unsent)}</span>}
        </span>
      </button>
    </li>
  );
}

