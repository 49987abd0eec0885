import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ArrowLeft, SearchX } from 'lucide-preact';
import { focusOn, setTitle } from '../../a11y';
import { getEvent } from '../../api';
import { lang, t } from '../../i18n';
import { Refusal } from '../../refusal';
import { formatDate, formatSpan, setServerTime } from '../../time';
import { PhaseBadge } from '../staff/phase';
import { AttendanceList, FIRST } from './attendance';
import { getEvents, getSheet, useLoaded, type EventRow, type Query, type Sheet } from './data';
import './desk.css';
import { getCorrections, getRatification, type DeskRow, type Ratification } from './deskdata';
import { Flags } from './flags';
import { getFlags, getHalls, type Flag, type Halls } from './halldata';
import { CorrectionDesk } from './koreksi';
import { PolicyPanel } from './policy';
import { getPolicy, type PolicyView } from './policydata';
import { RatifyPanel } from './ratify';
import './rooms.css';
import { Rooms } from './rooms';
import { Empty, Failed, Loading } from './states';
import { SummaryTiles } from './summary';
import { w } from './words';

const LIVE_MS = 5000;
const CALM_MS = 60_000;

/** One event: its figures, what BPSDM decides about them, its attendance list. */
export function EventSheet(p: { id: string; token: string; go: (id: string) => void }) {
  const [query, setQuery] = useState<Query>(FIRST);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    getEvent(p.id).then((e) => setServerTime(e.now ?? 0), () => {});
  }, []);

  const events = useLoaded<EventRow[]>('events', every, (s) => getEvents(p.token, s));
  const row = events.data?.find((r) => r.event.id === p.id);
  const pace = () => every(row ? [row] : null);
  const sheet = useLoaded<Sheet>(JSON.stringify(query), pace, (s) => getSheet(p.token, p.id, query, s));

  const ratified = useLoaded<Ratification>('ratification', (d) => (d && !d.ended ? LIVE_MS : d?.counting ? 2000 : CALM_MS), (s) =>
    getRatification(p.token, p.id, s));
  const policy = useLoaded<PolicyView>('policy', () => CALM_MS, (s) => getPolicy(p.token, p.id, s));
  const requests = useLoaded<DeskRow[]>('corrections', () => CALM_MS / 4, (s) => getCorrections(p.token, p.id, s));
  const flags = useLoaded<Flag[]>('flags', () => CALM_MS, (s) => getFlags(p.token, p.id, s));
  const halls = useLoaded<Halls>('halls', () => CALM_MS / 4, (s) => getHalls(p.token, p.id, s));
  const changed = () => {
    ratified.again();
    policy.again();
    events.again();
    requests.again();
    flags.again();
    halls.again();
    sheet.again();
  };
  const title = row?.event.title ?? '';
  useEffect(() => setTitle(title, t.value.attendanceList), [title, t.value]);
  const data = sheet.data;
  const there = row !== undefined && data !== null; // the heading
  useLayoutEffect(() => {
    if (there) focusOn(head.current);
  }, [there]);

  // People who leave a page of the list empty behind them: show the last one there is.
  useEffect(() => {
    if (!data || data.rows.length > 0 || data.total === 0 || sheet.busy) return;
    setQuery((q) => ({ ...q, page: Math.max(1, Math.ceil(data.total / q.size)) }));
  }, [data, sheet.busy]);

  const back = (
    <a class="btn bare small bp-back" href="/bpsdm" data-testid="back"
      onClick={(e) => {
        e.preventDefault();
        p.go('');
      }}>
      <ArrowLeft size={18} aria-hidden="true" />
      {w.value.allEvents}
    </a>
  );
  const missing =
    (events.data && !row) || (sheet.error instanceof Refusal && sheet.error.kind === 'NotFound' && !sheet.data);
  if (missing) {
    return (
      <>
        {back}
        <Empty icon={SearchX} title={w.value.unknownEvent} text={w.value.unknownEventHint} testid="unknown-event" />
      </>
    );
  }
  if (!row || !data) {
    const error = events.error ?? sheet.error;
    const again = () => {
      events.again();
      sheet.again();
    };
    return (
      <>
        {back}
        {error ? <Failed error={error} onRetry={again} /> : <Loading />}
      </>
    );
  }

  const e = row.event;
  return (
    <>
      {back}
      <div class="bp-head">
        <div class="row">
          <PhaseBadge phase={e.phase} />
          <span class="muted small">
            {t.value[`kind_${e.kind}` as 'kind_lecture'] ?? e.kind} · {t.value.requirement(e.jp, e.threshold)}
          </span>
        </div>
        <h1 ref={head}>{e.title}</h1>
        <p class="muted">
          {formatDate(e.startsAt, lang.value)}, {formatSpan(e.startsAt, e.endsAt, lang.value)}
          {[e.speaker, e.place].filter(Boolean).map((x) => ` · ${x}`).join('')}
        </p>
      </div>
      <SummaryTiles row={row} sheet={data} />
      {ratified.data && <RatifyPanel token={p.token} event={e} data={ratified.data} again={changed} />}
      {policy.data && <PolicyPanel token={p.token} event={e} data={policy.data} again={changed} />}
      {requests.data && <CorrectionDesk token={p.token} event={e.id} startsAt={e.startsAt} endsAt={e.endsAt} rows={requests.data} onDecided={changed} />}
      {flags.data && <Flags token={p.token} event={e.id} rows={flags.data} onJudged={changed} />}
      {halls.data && <Rooms token={p.token} event={e.id} data={halls.data} again={changed} />}
      <AttendanceList token={p.token} row={row} sheet={sheet} data={data} query={query} onQuery={setQuery} onChanged={changed} />
    </>
  );
}

const every = (rows: EventRow[] | null): number =>
  rows?.some((r) => r.event.phase === 'live' || r.event.phase === 'paused') ? LIVE_MS : CALM_MS;
