import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { CalendarX2, ChevronRight } from 'lucide-preact';
import { focusOn, setTitle } from '../../a11y';
import { lang, t } from '../../i18n';
import { formatDate, formatNumber, formatSpan } from '../../time';
import { PhaseBadge } from '../staff/phase';
import { getEvents, useLoaded, type EventRow } from './data';
import { Empty, Failed, Loading, Stale } from './states';
import { w } from './words';

const LIVE_MS = 5000;
const CALM_MS = 30_000;

/** All events this token may see, those under way first. */
export function EventList(p: { token: string; go: (id: string) => void }) {
  const head = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => focusOn(head.current), []);
  useEffect(() => setTitle(w.value.title, 'BPSDM'), [w.value]);
  const list = useLoaded<EventRow[]>('events', every, (s) => getEvents(p.token, s));

  const rows = [...(list.data ?? [])].sort(byUrgency);
  return (
    <>
      <div class="bp-head">
        <h1 ref={head}>{w.value.title}</h1>
        <p class="muted">{w.value.intro}</p>
      </div>
      {list.data && list.error ? <Stale onRetry={list.again} /> : null}
      {!list.data ? (
        list.error ? <Failed error={list.error} onRetry={list.again} /> : <Loading />
      ) : rows.length === 0 ? (
        <Empty icon={CalendarX2} title={w.value.noEvents} text={w.value.noEventsHint} />
      ) : (
        <ul class="bp-events" data-testid="events">
          {rows.map((r) => <Card key={r.event.id} row={r} go={p.go} />)}
        </ul>
      )}
    </>
  );
}

const running = (r: EventRow): boolean => r.event.phase === 'live' || r.event.phase === 'paused';
const every = (rows: EventRow[] | null): number => (rows?.some(running) ? LIVE_MS : CALM_MS);

const ORDER = ['live', 'paused', 'scheduled', 'ended'];

function byUrgency(a: EventRow, b: EventRow): number {
  const d = ORDER.indexOf(a.event.phase) - ORDER.indexOf(b.event.phase);
  if (d !== 0) return d;
  const soonest = a.event.startsAt.localeCompare(b.event.startsAt);
  return a.event.phase === 'ended' ? -soonest : soonest;
}

function Card({ row, go }: { row: EventRow; go: (id: string) => void }) {
  const { event: e, counts: c } = row;
  const n = (x: number) => formatNumber(x, lang.value);
  const on = running(row);
  return (
    <li>
      <a class="card bp-event" href={`?kegiatan=${encodeURIComponent(e.id)}`} data-testid="event-row" data-event={e.id}
        onClick={(ev) => {
          if (ev.ctrlKey || ev.metaKey || ev.shiftKey) return;
          ev.preventDefault();
          go(e.id);
        }}>
        <div class="bp-event-text">
          <div class="row">
            <PhaseBadge phase={e.phase} />
            <span class="muted small">{t.value[`kind_${e.kind}` as 'kind_lecture'] ?? e.kind}</span>
          </div>
          <h2>{e.title}</h2>
          <p class="muted small">
            {formatDate(e.startsAt, lang.value)}, {formatSpan(e.startsAt, e.endsAt, lang.value)}
            {e.speaker && <> · {e.speaker}</>}
          </p>
        </div>
        <dl class="bp-event-nums">
          {on && <Num label={w.value.watching} value={n(c.viewers)} />}
          {on && <Num label={w.value.reached} value={n(c.hearing)} />}
          {on && <Num label={w.value.guests} value={n(c.guests)} />}
          <Num label={w.value.attended} value={n(row.attended)} strong />
        </dl>
        <ChevronRight class="bp-go" size={22} aria-hidden="true" />
      </a>
    </li>
  );
}

function Num({ label, value, strong = false }: { label: string; value: string; strong?: boolean }) {
  return (
    <div class={strong ? 'strong' : ''}>
      <dt>{label}</dt>
      <dd class="num">{value}</dd>
    </div>
  );
}
