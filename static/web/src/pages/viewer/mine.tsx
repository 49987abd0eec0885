import { useEffect, useState } from 'preact/hooks';
import { BadgeCheck, CircleAlert, Download, ExternalLink, PencilLine } from 'lucide-preact';
import { announce } from '../../a11y';
import { contest, downloadProof, getMine, type Correction, type Decision, type Gap, type MyAttendance, type Stretch } from '../../api';
import { lang, sentence, t } from '../../i18n';
import { event as running, mine } from '../../store/state';
import { formatClock, formatDate, formatDuration, formatSecond, fromField, setServerTime, toField } from '../../time';
import { Field, Spinner } from '../../ui/parts';
import { useRun } from '../../ui/run';
import './mine.css';
import { w } from './minewords';

const EVERY_MS = 60_000; // what the server tells by itself (the phase, a check) reads at once
const WORTH_MS = 60_000; // a shorter gap is told, but not offered for correction

/** "Kehadiran saya": what was credited, what was not and why, the year's JP, and the way to contest. */
export default function Mine({ event, token }: { event: string; token: string }) {
  const [data, setData] = useState<MyAttendance | null>(null);
  const [error, setError] = useState('');
  const [asking, setAsking] = useState<Stretch | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    getMine(event, token, abort.signal).then(
      (d) => {
        setServerTime(d.now);
        setData(d);
        setError('');
      },
      (e: unknown) => !abort.signal.aborted && setError(sentence(e)),
    );
    const timer = setTimeout(() => setRound(round + 1), EVERY_MS);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [event, token, round, running.value?.phase, mine.value.check?.check]);

  const x = w.value;
  const l = lang.value;
  if (!data) return error ? <p role="alert" class="error">{error}</p> : <Spinner />;
  // The page's own counter is fresher while the event runs; after that both say the same.
  const p = mine.value.presence;
  const own = data.own;
  const seconds = p && p.live >= own.counted ? p.seconds : own.seconds;
  const percent = p && p.live >= own.counted ? p.percent : own.percent;
  const list = data.list;
  const lacking = Math.ceil((data.event.threshold * own.counted) / 100) - seconds;
  return (
    <div class="mine stack" data-testid="mine" data-seconds={own.seconds}>
      {error && <p role="alert" class="error">{error}</p>}
      <dl class="figures">
        <div>
          <dt>{x.credited}</dt>
          <dd class="num" data-testid="mine-seconds">{x.exact(Math.floor(seconds / 60), seconds % 60)}</dd>
        </div>
        <div>
          <dt>{x.share}</dt>
          <dd class="num">{percent}{'\u00a0'}%</dd>
        </div>
        <div>
          <dt>{x.year(data.year.year)}</dt>
          <dd class="num" data-testid="mine-year">{x.yearOf(data.year.jp, data.year.least, data.year.most)}</dd>
        </div>
      </dl>
      <div class={`bar threshold${own.meets ? '' : ' gold'}`} aria-hidden="true">
        <span style={{ width: `${percent}%` }} />
        <i style={{ left: `${data.event.threshold}%` }} />
      </div>
      <p>
        <span class={`badge ${own.meets ? '' : 'gold'}`}>{own.meets ? t.value.meets : t.value.meetsNot}</span>{' '}
        <span class="muted small">{t.value.requirement(data.event.jp, data.event.threshold)}</span>
        {!own.meets && lacking > 0 && <span class="small mine-why">{x.lacking(formatDuration(Math.max(60, lacking), l), data.event.phase === 'ended')}</span>}
      </p>
      {list && (
        <section class="mine-list stack" data-testid="mine-ratified">
          <h3><BadgeCheck size={18} aria-hidden="true" /> {x.ratified}</h3>
          {list.no > 0 ? (
            <>
              <p>{x.ratifiedAs(Math.floor(list.seconds / 60), list.percent, list.jp)} {x.ratifiedBy(formatDate(list.at, l), list.by, list.revision)}</p>
              <div class="row">
                <a class="btn quiet small" href={list.link} target="_blank" rel="noreferrer" data-testid="mine-verify">
                  <ExternalLink size={16} aria-hidden="true" />
                  {x.verify}
                </a>
                <button type="button" class="btn quiet small" data-testid="mine-proof"
                  onClick={() => downloadProof(event, token).catch((e: unknown) => setError(sentence(e)))}>
                  <Download size={16} aria-hidden="true" />
                  {x.proof}
                </button>
              </div>
            </>
          ) : (
            <p>{x.ratifiedWithout}</p>
          )}
        </section>
      )}
      <section class="stack">
        <h3>{x.gaps}</h3>
        {own.gaps.length === 0 ? <p class="muted">{x.noGaps}</p> : <Gaps gaps={own.gaps} onAsk={setAsking} />}
        {own.bridged > 0 && <p class="small muted">{x.bridged(formatDuration(own.bridged, l))}</p>}
        <p class="small muted">{x.checks(own.answered, own.missed, own.excused)}</p>
        {!asking && own.live > 0 && own.gaps.length > 0 && (
          <p>
            <button type="button" class="btn quiet small" onClick={() => setAsking(longest(own.gaps))} data-testid="contest">
              <PencilLine size={16} aria-hidden="true" />
              {x.contest}
            </button>
          </p>
        )}
        {asking && (
          <Contest event={event} token={token} near={asking} onClose={() => setAsking(null)}
            onDone={(requests) => {
              setData({ ...data, requests });
              setAsking(null);
              announce(x.sent);
            }} />
        )}
      </section>
      {data.requests.length > 0 && (
        <section class="stack">
          <h3>{x.requests}</h3>
          <ul class="mine-requests">
            {data.requests.map((q) => <Request key={q.id} q={q} />)}
          </ul>
        </section>
      )}
      <details>
        <summary>{x.how}</summary>
        <ul class="mine-how" lang="id">{own.explained.map((line) => <li key={line}>{line}</li>)}</ul>
      </details>
    </div>
  );
}

const lengthOf = (s: Stretch): number => Date.parse(s.to) - Date.parse(s.from);
const longest = (gaps: Gap[]): Gap =>
  gaps.reduce((a, b) => (b.why !== 'paused' && lengthOf(b) > (a.why === 'paused' ? 0 : lengthOf(a)) ? b : a));

function Gaps({ gaps, onAsk }: { gaps: Gap[]; onAsk: (g: Gap) => void }) {
  const x = w.value;
  const l = lang.value;
  return (
    <ul class="mine-gaps" data-testid="mine-gaps">
      {gaps.map((g) => (
        <li key={g.from}>
          <div>
            <span class="num">{formatSecond(g.from, l)}–{formatSecond(g.to, l)}</span>{' '}
            <span class="muted">({formatDuration(lengthOf(g) / 1000, l)})</span>
            <span class="mine-why">{x.why[g.why]}</span>
          </div>
          {g.why !== 'paused' && g.why !== 'ceremony' && lengthOf(g) >= WORTH_MS && (
            <button type="button" class="btn bare icon small" aria-label={`${x.contest}: ${formatClock(g.from, l)}–${formatClock(g.to, l)}`}
              title={x.contest} onClick={() => onAsk(g)}>
              <PencilLine size={18} aria-hidden="true" />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Contest(p: {
  event: string;
  token: string;
  near: Stretch;
  onClose: () => void;
  onDone: (requests: Correction[]) => void;
}) {
  const x = w.value;
  const [from, setFrom] = useState(toField(p.near.from));
  const [to, setTo] = useState(toField(p.near.to));
  const [reason, setReason] = useState('');
  const s = useRun();
  useEffect(() => {
    setFrom(toField(p.near.from));
    setTo(toField(p.near.to));
  }, [p.near]);
  // A field knows seconds; the ends of a gap are exact.
  const exact = (value: string, end: string): number => (value === toField(end) ? Date.parse(end) : fromField(value, end));
  const send = (e: Event) => {
    e.preventDefault();
    s.run(async () =>
      p.onDone(await contest(p.event, p.token, { from: exact(from, p.near.from), to: exact(to, p.near.to), reason })));
  };
  return (
    <form class="card stack" onSubmit={send} data-testid="contest-form">
      <h3>{x.contest}</h3>
      <div class="mine-times">
        <Field label={x.from}>
          {(a) => <input {...a} class="input" type="time" step="1" required value={from} onInput={(e) => setFrom(e.currentTarget.value)} />}
        </Field>
        <Field label={x.to}>
          {(a) => <input {...a} class="input" type="time" step="1" required value={to} onInput={(e) => setTo(e.currentTarget.value)} />}
        </Field>
      </div>
      <Field label={x.reason} hint={x.reasonHint} error={s.error}>
        {(a) => (
          <textarea {...a} class="input" rows={3} maxLength={500} required value={reason} data-testid="contest-reason"
            onInput={(e) => setReason(e.currentTarget.value)} />
        )}
      </Field>
      <div class="row">
        <button type="submit" class="btn" aria-disabled={s.busy} data-testid="contest-send">{x.send}</button>
        <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
      </div>
    </form>
  );
}

/** What a decision was, in a word. */
function said(q: Correction, d: Decision | undefined): string {
  const x = w.value;
  if (!d) return x.waiting;
  if (d.void) return x.takenOff;
  return d.granted ? x.granted : q.desk ? x.withdrawn : x.refused;
}

function Request({ q }: { q: Correction }) {
  const x = w.value;
  const l = lang.value;
  const last = q.decisions[q.decisions.length - 1];
  return (
    <li data-testid="mine-request" data-state={!last ? 'open' : last.granted ? 'granted' : last.void ? 'void' : 'refused'}>
      <p>
        <span class={`badge ${!last || last.void ? 'gold' : last.granted ? '' : 'grey'}`}>{said(q, last)}</span>{' '}
        <span class="num">{formatSecond(q.from, l)}–{formatSecond(q.to, l)}</span>
      </p>
      <p class="small">{q.desk ? x.byDesk : q.reason}</p>
      {q.decisions.map((d) => (
        <p key={d.at} class="small muted">
          {said(q, d)}
          {(d.granted || d.void) && ` ${x.spanOf(formatSecond(d.from, l), formatSecond(d.to, l), formatDuration(lengthOf(d) / 1000, l))}`}
          {': '}{d.reason} ({d.who}, {formatDate(d.at, l)} {formatClock(d.at, l)} WIB)
        </p>
      ))}
      {!last && <p class="small muted"><CircleAlert size={14} aria-hidden="true" /> {x.waitingHint}</p>}
    </li>
  );
}
