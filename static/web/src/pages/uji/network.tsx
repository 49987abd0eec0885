import { useState } from 'preact/hooks';
import { Activity, Check, CircleDashed, X } from 'lucide-preact';
import { announce } from '../../a11y';
import { lang, sentence } from '../../i18n';
import { missing } from '../../media/pc';
import { getPlan, measure, relayIsTLS, tryWay, trySocket, type Measured, type Tried, type Way } from './probe';
import { rungOf, verdictOf, wayOf, type Verdict } from './verdict';
import { w } from './words';

export interface Outcome {
  tried: Record<Way, Tried>;
  measured: Measured | null;
  verdict: Verdict;
  tls: boolean; // the last way was TLS
}

const WAYS: Way[] = ['socket', 'udp', 'tcp', 'tls'];
type Doing = { at: 'idle' } | { at: 'ways' } | { at: 'stream'; share: number } | { at: 'done' } | { at: 'failed'; why: string };

/** The network test: each way by itself, then the stream, then one word. */
export function Network({ onDone }: { onDone: (o: Outcome | null) => void }) {
  const x = w.value;
  const [doing, setDoing] = useState<Doing>({ at: 'idle' });
  const [tried, setTried] = useState<Partial<Record<Way, Tried>>>({});
  const [out, setOut] = useState<Outcome | null>(null);
  const [tls, setTLS] = useState(true);
  const busy = doing.at === 'ways' || doing.at === 'stream';

  const run = async () => {
    if (missing(false)) return setDoing({ at: 'failed', why: x.problem.old });
    setTried({});
    setOut(null);
    onDone(null);
    setDoing({ at: 'ways' });
    try {
      const plan = await getPlan();
      setTLS(relayIsTLS(plan));
      const note = (way: Way) => (r: Tried) => {
        setTried((all) => ({ ...all, [way]: r }));
        return r;
      };
      const [socket, udp, tcp, last] = await Promise.all([
        trySocket().then(note('socket')),
        ...(['udp', 'tcp', 'tls'] as const).map((way) => tryWay(way, plan).then(note(way))),
      ]);
      const all = { socket: socket!, udp: udp!, tcp: tcp!, tls: last! };
      const way = wayOf(all);
      let measured: Measured | null = null;
      if (way) {
        setDoing({ at: 'stream', share: 0 });
        measured = await measure(way, plan, (share) => setDoing({ at: 'stream', share }));
      }
      const done = { tried: all, measured, verdict: verdictOf(all, measured), tls: relayIsTLS(plan) };
      setOut(done);
      onDone(done);
      setDoing({ at: 'done' });
      announce(x.verdict[done.verdict]);
    } catch (e) {
      setDoing({ at: 'failed', why: `${x.failed} ${sentence(e)}` });
    }
  };

  return (
    <section class="card stack" aria-labelledby="uji-net">
      <h2 id="uji-net"><Activity size={22} aria-hidden="true" /> {x.network}</h2>
      {doing.at !== 'idle' && (
        <ul class="uji-ways" aria-label={x.ways}>
          {WAYS.map((way) => (
            <WayRow key={way} name={way === 'tls' && !tls ? x.way.tlsPlain : x.way[way]} r={tried[way]} busy={doing.at === 'ways'} way={way} />
          ))}
        </ul>
      )}
      {doing.at === 'stream' && (
        <div>
          <p id="uji-measuring">{x.measuring}</p>
          <progress class="uji-progress" max={1} value={doing.share} aria-labelledby="uji-measuring" />
        </div>
      )}
      {doing.at === 'failed' && <p class="error" role="alert">{doing.why}</p>}
      {out && <Result out={out} />}
      <p>
        <button type="button" class={`btn${out ? ' quiet' : ' primary'}`} aria-disabled={busy} onClick={() => !busy && void run()} data-testid="uji-start">
          {busy ? x.running : doing.at === 'idle' ? x.start : x.again}
        </button>
      </p>
    </section>
  );
}

function WayRow({ name, r, busy, way }: { name: string[]; r: Tried | undefined; busy: boolean; way: Way }) {
  const x = w.value;
  const Icon = !r ? CircleDashed : r.ok ? Check : X;
  return (
    <li class={!r ? 'wait' : r.ok ? 'ok' : 'no'} data-testid={`uji-${way}`} data-ok={r ? String(r.ok) : ''}>
      <Icon size={22} aria-hidden="true" />
      <span class="what"><strong>{name[0]}</strong> <span class="muted small">{name[1]}</span></span>
      <span class="state">{!r ? (busy ? x.trying : x.waiting) : r.ok ? x.open(number(r.ms)) : x.shut}</span>
    </li>
  );
}

export const number = (n: number): string => Math.round(n).toLocaleString(lang.value === 'id' ? 'id-ID' : 'en');
export const percent = (tenths: number): string => `${(tenths / 10).toLocaleString(lang.value === 'id' ? 'id-ID' : 'en')} %`;

/** What is amiss with the way, in a sentence; "" when nothing is. */
export function reason(out: Outcome): string {
  const x = w.value;
  if (!out.tried.socket.ok) return x.noSocket;
  const way = wayOf(out.tried);
  return { udp: '', tcp: x.viaTcp, tls: x.viaTls, none: x.noWay }[way ?? 'none'];
}

function Result({ out }: { out: Outcome }) {
  const x = w.value;
  const m = out.measured;
  const rung = rungOf(m?.kbps ?? 0);
  const port = location.port || (location.protocol === 'https:' ? '443' : '80');
  const open = out.tried.socket.ok && out.tried.udp.ok && out.tried.tcp.ok;
  return (
    <div class={`uji-verdict ${out.verdict}`} data-testid="uji-verdict" data-verdict={out.verdict}>
      <h3>{x.verdict[out.verdict]}</h3>
      <p>{reason(out)} {m ? x.rung[rung] : ''}</p>
      {m && (
        <dl class="uji-figures">
          <div><dt>{x.rate}</dt><dd>{x.rateValue(number(m.kbps))}</dd></div>
          <div><dt>{x.loss}</dt><dd>{percent(m.loss)}</dd></div>
          <div><dt>{x.rtt}</dt><dd>{x.ms(number(m.rtt))}</dd></div>
          <div><dt>{x.jitter}</dt><dd>{x.ms(number(m.jitter))}</dd></div>
        </dl>
      )}
      <details open={!open || out.verdict !== 'ready'}>
        <summary>{x.diskominfo}</summary>
        <p>{!open ? x.tell(location.hostname, port) : out.verdict === 'ready' ? x.tellBest : x.tellSlow}</p>
      </details>
    </div>
  );
}
