import { useEffect, useState } from 'preact/hooks';
import { RefreshCw, SearchX, UserRoundX } from 'lucide-preact';
import { getRegions, type Region } from '../../api';
import { lang, t } from '../../i18n';
import { formatClock } from '../../time';
import type { EventRow, Loaded, Query, Sheet } from './data';
import { DownloadHint, Downloads } from './downloads';
import { Filters, Pager } from './filters';
import { Empty, Stale } from './states';
import { Table } from './table';
import { w } from './words';

export const FIRST: Query = { q: '', region: '', page: 1, size: 50 };

/** The attendance list of an event: searched by name and region, page by page, and its downloads. */
export function AttendanceList(p: {
  token: string;
  row: EventRow;
  sheet: Loaded<Sheet>;
  data: Sheet;
  query: Query;
  onQuery: (change: Query | ((old: Query) => Query)) => void;
  onChanged: () => void;
}) {
  const { sheet, data, query } = p;
  const e = p.row.event;
  const [regions, setRegions] = useState<Region[]>([]);
  useEffect(() => {
    getRegions().then(setRegions, () => {}); // without it the list is only not filtered by region
  }, []);
  const filtered = query.q !== '' || query.region !== '';
  return (
    <section class="card bp-list" aria-label={t.value.attendanceList}>
      <div class="bp-tools">
        <Filters query={query} regions={regions} onChange={(q) => p.onQuery((old) => ({ ...old, ...q, page: 1 }))} />
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
          {filtered ? w.value.found(String(data.total), String(p.row.attended)) : w.value.people(String(data.total))}
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
        <Table sheet={data} token={p.token} event={e} onCorrected={p.onChanged} />
      ) : filtered ? (
        <Empty icon={SearchX} title={w.value.none} text={w.value.noneHint} testid="no-match">
          <p>
            <button type="button" class="btn quiet" onClick={() => p.onQuery(FIRST)}>{w.value.clear}</button>
          </p>
        </Empty>
      ) : (
        <Empty icon={UserRoundX} title={w.value.empty} text={w.value.emptyHint} testid="nobody" />
      )}
      <Pager sheet={data} onPage={(page) => p.onQuery((q) => ({ ...q, page }))} />
    </section>
  );
}
