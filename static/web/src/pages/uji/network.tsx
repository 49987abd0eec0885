import { useState } from 'preact/hooks';
import { Activity, Check, CircleDashed, X } from 'lucide-preact';
import { announce } from '../../a11y';
import { lang, sentence } from '../../i18n';
import { missing } from '../../media/pc';
import { getPlan, measure, NoWay, relayIsTLS, tryWay, trySocket, type Measured, type Tried, type Way } from './probe';
import { rungOf, toneOf, verdictOf, wayOf, type Verdict } from './verdict';
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
      let measured: Measured | null = null;
      for (let way = wayOf(all); way && !measured; way = wayOf(all)) {
        setDoing({ at: 'stream', share: 0 });
        try {
          measured = await measure(way, plan, (share) => setDoing({ at: 'stream', share }));
        } catch (e) {
          if (!(e instanceof NoWay)) throw e;
          all[way] = note(way)({ ...all[way], ok: false }); // it was open a moment ago; what is left is tried
        }
      }
      const done = { tried: all, measured, verdict: verdictOf(all, measured), tls: relayIsTLS(plan) };
      setOut(done);
      onDone(done);
      setDoing({ at: 'done' });
      announce(verdictText(done));
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
      <span class="state">{!r ? (busy ? x.trying : x.waiting) : r.ok ? x.open(number(r.ms)) : r.absent ? x.absent : x.shut}</span>
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
  if (!way) return x.noWay;
  if (way === 'udp') return '';
  const via = way === 'tcp' ? x.viaTcp : out.tls ? x.viaTls : x.viaTurn;
  return rungOf(out.measured?.kbps ?? 0) === 'voice' ? via : `${via} ${x.mayStall}`;
}

/** The verdict, with the way it stands on when that is not the main one. */
export function verdictText(out: Outcome): string {
  const x = w.value;
  const way = wayOf(out.tried);
  if (out.verdict === 'none' || !way || way === 'udp') return x.verdict[out.verdict];
  return x.verdict[out.verdict] + (way === 'tcp' ? x.byTcp : out.tls ? x.byTls : x.byTurn);
}

/** What the office's network is asked to open, by name and number; "" when nothing is. */
function toOpen({ socket, udp, tcp, tls }: Record<Way, Tried>): string {
  const x = w.value;
  const ports: string[] = [];
  if (!udp.ok) ports.push(x.udpPort(udp.port || socket.port));
  if (!socket.ok || !tcp.ok) ports.push(x.tcpPort(tcp.port || socket.port));
  else if (!tls.ok && !tls.absent) ports.push(x.tcpPort(tls.port || socket.port));
  return ports.length ? x.tell(location.hostname, ports) : '';
}

/** A phone's screen is full of the ways: what they came to comes into sight. */
const intoSight = (e: HTMLElement | null) => e?.scrollIntoView({ block: 'nearest' });

function Result({ out }: { out: Outcome }) {
  const x = w.value;
  const m = out.measured;
  const rung = rungOf(m?.kbps ?? 0);
  const tone = toneOf(out.verdict, out.tried.udp.ok);
  const ask = toOpen(out.tried);
  return (
    <div ref={intoSight} class={`uji-verdict ${tone}`} data-testid="uji-verdict" data-verdict={out.verdict} data-tone={tone}>
      <h3>{verdictText(out)}</h3>
      <p>{reason(out)} {m ? x.rung[rung] : ''}</p>
      {m && (
        <dl class="uji-figures">
          <div><dt>{x.rate}</dt><dd>{x.rateValue(number(m.kbps))}</dd></div>
          <div><dt>{x.loss}</dt><dd>{percent(m.loss)}</dd></div>
          <div><dt>{x.rtt}</dt><dd>{x.ms(number(m.rtt))}</dd></div>
          <div><dt>{x.jitter}</dt><dd>{x.ms(number(m.jitter))}</dd></div>
        </dl>
      )}
      <details open={tone !== 'good'}>
        <summary>{x.diskominfo}</summary>
        {ask && <p data-testid="uji-ask">{ask}</p>}
        {ask && <p>{x.tellHow}</p>}
        {m && out.verdict !== 'ready' && <p>{x.tellSlow}</p>}
        {!ask && out.verdict === 'ready' && <p>{x.tellBest}</p>}
      </details>
    </div>
  );
}
