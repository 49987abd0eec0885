import { useEffect, useRef, useState } from 'preact/hooks';
import { Maximize2, Minimize2, MonitorCheck } from 'lucide-preact';
import { setTitle } from '../../a11y';
import { api } from '../../api';
import type { PageProps } from '../../app';
import { lang } from '../../i18n';
import { useWatching } from '../../media/watching';
import { Refusal } from '../../refusal';
import { connection, event as eventNow } from '../../store/state';
import { formatNumber, now, second, setServerTime } from '../../time';
import { linkToken, sessionToken, setSessionToken } from '../../token';
import { Field, Masthead, Notice } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { keepAwake } from '../../wake';
import { Bar, Connection, Stage } from '../viewer/stage';
import '../viewer/viewer.css';
import '../viewer/quality.css';
import './layar.css';
import { w } from './words';

interface Codes {
  now: number;
  hall: string;
  page: string;
  closed: boolean;
  inside: number;
  left: number;
  phase: string;
  codes: { from: number; to: number; typed: string; qr: { size: number; path: string } }[];
}

const FETCH_MS = 15_000; // a code lives 30 s, and two more are fetched ahead

/** The screen of a hall: the lecture, and the code that changes. */
export default function Layar({ event, scope }: PageProps) {
  const [token, setToken] = useState(sessionToken(scope) || linkToken(scope));
  const [bad, setBad] = useState(false);
  useEffect(() => setTitle(w.value.title), [w.value]);
  if (!token) {
    return <Enter event={event} bad={bad} onToken={(t) => {
      setSessionToken(scope, t);
      setToken(t);
    }} />;
  }
  return <Hall event={event} scope={scope} token={token} onBad={() => {
    setSessionToken(scope, '');
    setBad(true);
    setToken('');
  }} />;
}

function Enter(p: { event: string; bad: boolean; onToken: (t: string) => void }) {
  const [code, setCode] = useState('');
  const s = useRun(p.bad ? w.value.bad : '');
  const x = w.value;
  const submit = (e: Event) => {
    e.preventDefault();
    if (code.replace(/[^a-z0-9]/gi, '').length !== 8) return s.say(x.codeShort);
    s.run(async () => {
      const got = await api<{ token: string }>('POST', `/api/events/${encodeURIComponent(p.event)}/screen`, { body: { code } });
      p.onToken(got.token);
    });
  };
  return (
    <>
      <Masthead home={false} />
      <main id="main" class="centre">
        <form class="card stack layar-door" onSubmit={submit} noValidate>
          <MonitorCheck size={40} class="mark" aria-hidden="true" />
          <h1>{x.codeTitle}</h1>
          <p>{x.codeLead}</p>
          <Field label={x.code} error={s.error}>
            {(a) => (
              <input {...a} class="input code num" autoCapitalize="characters" autoComplete="off" spellcheck={false} maxLength={12}
                value={code} onInput={(e) => setCode(e.currentTarget.value.toUpperCase())} data-testid="screen-code" />
            )}
          </Field>
          <button type="submit" class="btn wide" aria-disabled={s.busy} data-testid="screen-open">{x.open}</button>
        </form>
      </main>
    </>
  );
}

function Hall(p: { event: string; scope: string; token: string; onBad: () => void }) {
  const { socket, choice, media } = useWatching(p.event, p.token, p.scope);
  const [codes, setCodes] = useState<Codes | null>(null);
  const [big, setBig] = useState<boolean | null>(null); // null: by itself
  const bad = useRef(p.onBad);
  bad.current = p.onBad;
  useEffect(() => keepAwake(), []);
  useEffect(() => {
    let over = false;
    const load = async () => {
      try {
        const got = await api<Codes>('GET', `/api/events/${encodeURIComponent(p.event)}/screen/code`, { token: p.token });
        if (over) return;
        setServerTime(got.now);
        setCodes(got);
      } catch (e) {
        // away: the codes that were fetched ahead carry on
        if (e instanceof Refusal && e.kind === 'NotAllowed') bad.current();
      }
    };
    void load();
    const timer = setInterval(() => void load(), FETCH_MS);
    const online = () => void load();
    addEventListener('online', online);
    // A server that was restarted knows no typed number until the screen has fetched it again.
    const follow = connection.subscribe((c) => {
      if (c === 'open') void load();
    });
    return () => {
      over = true;
      follow();
      clearInterval(timer);
      removeEventListener('online', online);
    };
  }, [p.event, p.token]);

  const phase = eventNow.value?.phase ?? codes?.phase;
  const over = phase === 'ended';
  // Before it starts people come in, after it they go: then the code is all that matters.
  const large = big ?? (phase === 'scheduled' || over);
  if (codes?.closed) {
    return (
      <>
        <Masthead home={false} />
        <Notice title={w.value.closed} testid="screen-closed"><p>{w.value.closedLead}</p></Notice>
      </>
    );
  }
  return (
    <div class={`viewer layar${large ? ' large' : ''}`}>
      <Bar />
      <Connection media={media} />
      <main id="main" class="layar-body">
        {!large && <Stage media={media} socket={socket} choice={choice} />}
        <Code codes={codes} out={over} large={large} onSize={() => setBig(!large)} />
      </main>
    </div>
  );
}

/** The code of this moment, as large as its place allows. */
function Code(p: { codes: Codes | null; out: boolean; large: boolean; onSize: () => void }) {
  void second.value;
  const x = w.value;
  const at = now();
  const shown = p.codes?.codes.find((c) => c.from <= at && at < c.to);
  const n = (v: number) => formatNumber(v, lang.value);
  const left = shown ? Math.ceil((shown.to - at) / 1000) : 0;
  return (
    <aside class="layar-code" data-testid="screen-panel">
      <div class="layar-text">
        <p class="hall-name">{p.codes?.hall ?? ''}</p>
        <h2>{p.out ? x.scanOut : x.scan}</h2>
        <p class="hint">{x.scanHint}</p>
      </div>
      <div class="layar-qr">
        {shown ? (
          <svg viewBox={`-4 -4 ${shown.qr.size + 8} ${shown.qr.size + 8}`} role="img" aria-label={x.qr} shape-rendering="crispEdges"
            data-testid="screen-qr" data-from={shown.from}>
            <rect x="-4" y="-4" width={shown.qr.size + 8} height={shown.qr.size + 8} fill="#fff" />
            <path d={shown.qr.path} fill="#000" />
          </svg>
        ) : (
          <p class="layar-wait" role="status">{x.waiting}</p>
        )}
        {shown && (
          <div class="layar-turn" role="presentation" title={x.next(left)}>
            <span style={{ width: `${Math.min(100, (left / 30) * 100)}%` }} />
          </div>
        )}
      </div>
      <div class="layar-foot">
        {shown && (
          <p class="layar-typed">
            <span>{x.or} <strong>{p.codes?.page}</strong> {x.type}</span>
            <span class="num digits" data-testid="screen-typed">{shown.typed}</span>
          </p>
        )}
        <p class="row layar-counts">
          <span>{x.inside} <strong class="num" data-testid="screen-inside">{n(p.codes?.inside ?? 0)}</strong></span>
          <span>{x.left} <strong class="num" data-testid="screen-left">{n(p.codes?.left ?? 0)}</strong></span>
        </p>
        <button type="button" class="btn quiet small" onClick={p.onSize} data-testid="screen-size">
          {p.large ? <Minimize2 size={18} aria-hidden="true" /> : <Maximize2 size={18} aria-hidden="true" />}
          {p.large ? x.smaller : x.bigger}
        </button>
      </div>
    </aside>
  );
}
