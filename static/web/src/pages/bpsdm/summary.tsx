import type { ComponentChildren } from 'preact';
import { lang } from '../../i18n';
import { formatDuration, formatNumber } from '../../time';
import type { EventRow, Sheet } from './data';
import { w } from './words';

/** The event's figures. Those over all people come from the server, whatever is filtered below. */
export function SummaryTiles({ row, sheet }: { row: EventRow; sheet: Sheet }) {
  const n = (x: number) => formatNumber(x, lang.value);
  const s = sheet.summary;
  const { event: e, counts: c } = row;
  const running = e.phase === 'live' || e.phase === 'paused';
  const attended = s.attended;
  return (
    <dl class="bp-tiles" aria-label={w.value.summary} data-testid="summary">
      <Tile label={w.value.attended} value={n(attended)} testid="sum-attended"
        hint={running && c.guests > 0 ? w.value.guestsToo(n(c.guests)) : ''} />
      <Tile label={w.value.meets} value={n(s.meets)} testid="sum-meets"
        hint={attended > 0 ? w.value.ofAttended(n((s.meets * 100) / attended)) : ''} />
      <Tile label={w.value.average} value={attended > 0 ? `${n(s.percent)} %` : '–'} testid="sum-average"
        hint={w.value.averageHint} />
      <Tile label={w.value.jp} value={n(s.jp)} hint={w.value.jpEach(e.jp)} testid="sum-jp" />
      {running && (
        <Tile label={w.value.nowHere} value={n(s.now)} hint={w.value.watchingHint(n(c.hearing))} live
          testid="sum-now" />
      )}
      <Tile label={w.value.liveTime} value={formatDuration(sheet.live, lang.value)} hint={w.value.pausesOut}
        testid="sum-live" />
    </dl>
  );
}

function Tile(p: { label: string; value: ComponentChildren; hint?: string; live?: boolean; testid: string }) {
  return (
    <div class={`bp-tile ${p.live ? 'now' : ''}`} data-testid={p.testid}>
      <dt>{p.label}</dt>
      <dd>
        <span class="num big">{p.value}</span>
        {p.hint && <span class="small muted">{p.hint}</span>}
      </dd>
    </div>
  );
}
