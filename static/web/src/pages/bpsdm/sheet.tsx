import { useEffect, useRef, useState } from 'preact/hooks';
import { ArrowLeft, RefreshCw, SearchX, UserRoundX } from 'lucide-preact';
import { focusOn, setTitle } from '../../a11y';
import { getEvent, getRegions, type Region } from '../../api';
import { lang, t } from '../../i18n';
import { Refusal } from '../../refusal';
import { formatClock, formatDate, formatSpan, setServerTime } from '../../time';
import { PhaseBadge } from '../staff/phase';
import { getEvents, getSheet, useLoaded, type EventRow, type Query, type Sheet } from './data';
import './desk.css';
import { getCorrections, getRatification, type DeskRow, type Ratification } from './deskdata';
import { DownloadHint, Downloads } from './downloads';
import { Filters, Pager } from './filters';
import { Flags } from './flags';
import { getFlags, getHalls, type Flag, type Halls } from './halldata';
import { CorrectionDesk } from './koreksi';
import { PolicyPanel } from './policy';
import { getPolicy, type PolicyView } from './policydata';
import { RatifyPanel } from './ratify';
import './rooms.css';
import { Rooms } from './rooms';
import { Empty, Failed, Loading, Stale } from './states';
import { SummaryTiles } from './summary';
import { Table } from './table';
import { w } from './words';

const LIVE_MS = 5000;
const CALM_MS = 60_000;
const FIRST: Query = { q: '', region: '', page: 1, size: 50 };

/** One event: its figures, its attendance list, its downloads. */
export function EventSheet(p: { id: string; token: string; go: (id: string) => void }) {
  const [query, setQuery] = useState<Query>(FIRST);
  const [regions, setRegions] = useState<Region[]>([]);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    getRegions().then(setRegions, () => {}); // without it the list is only not filtered by region
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
  useEffect(() => {
    if (title) focusOn(head.current);
  }, [title !== '']);

  // People who leave a page of the list empty behind them: show the last one there is.
  const data = sheet.data;
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
  const filtered = query.q !== '' || query.region !== '';
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
      <section class="card bp-list" aria-label={t.value.attendanceList}>
        <div class="bp-tools">
          <Filters query={query} regions={regions} onChange={(q) => setQuery((old) => ({ ...old, ...q, page: 1 }))} />
          <a class="btn quiet" href={`/bpsdm/ringkasan/${encodeURIComponent(e.id)}`} data-testid="to-summary">
            {w.value.summary}
          </a>
          <a class="btn quiet" href={`/bpsdm/pegawai?kegiatan=${encodeURIComponent(e.id)}`} data-testid="to-roster">
            {w.value.roster}
          </a>
          <Downloads token={p.token} event={e} />
        </div>
        <DownloadHint event={e} />
        {sheet.error ? <Stale onRetry={sheet.again} /> : null}
        <p class="bp-status small muted" data-testid="att-total">
          <span role="status">
            {filtered ? w.value.found(String(data.total), String(row.attended)) : w.value.people(String(data.total))}
          </span>
          {' · '}
          {w.value.updated(formatClock(sheet.at, lang.value))}
          {e.phase !== 'ended' && <>, {w.value.auto}</>}
          <button type="button" class="btn bare icon small" aria-label={w.value.refresh} title={w.value.refresh}
            onClick={sheet.again} data-testid="att-refresh">
            <RefreshCw size={16} aria-hidden="true" class={sheet.busy ? 'turning' : ''} />
          </button>
        </p>
        {data.rows.length > 0 ? (
          <Table sheet={data} token={p.token} event={e} onCorrected={changed} />
        ) : filtered ? (
          <Empty icon={SearchX} title={w.value.none} text={w.value.noneHint} testid="no-match">
            <p>
              <button type="button" class="btn quiet" onClick={() => setQuery(FIRST)}>{w.value.clear}</button>
            </p>
          </Empty>
        ) : (
          <Empty icon={UserRoundX} title={w.value.empty} text={w.value.emptyHint} testid="nobody" />
        )}
        <Pager sheet={data} onPage={(page) => setQuery((q) => ({ ...q, page }))} />
      </section>
    </>
  );
}

const every = (rows: EventRow[] | null): number =>
  rows?.some((r) => r.event.phase === 'live' || r.event.phase === 'paused') ? LIVE_MS : CALM_MS;
