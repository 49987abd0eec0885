import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ChevronLeft, ChevronRight, Search, X } from 'lucide-preact';
import type { Region } from '../../api';
import { lang } from '../../i18n';
import { formatNumber } from '../../time';
import type { Query, Sheet } from './data';
import { w } from './words';

const TYPING_MS = 300;

/** Search and region. A search starts when the typing pauses, or at Enter. */
export function Filters(p: { query: Query; regions: Region[]; onChange: (q: Partial<Query>) => void }) {
  const [text, setText] = useState(p.query.q);
  const timer = useRef(0);
  const ids = { q: useId(), r: useId() };
  useEffect(() => setText(p.query.q), [p.query.q]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (q: string, wait: number) => {
    setText(q);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => q.trim() !== p.query.q && p.onChange({ q: q.trim() }), wait);
  };
  return (
    <form class="bp-filters" role="search"
      onSubmit={(e) => {
        e.preventDefault();
        search(text, 0);
      }}>
      <div class="bp-search">
        <label class="sr" for={ids.q}>{w.value.search}</label>
        <Search size={18} aria-hidden="true" />
        <input id={ids.q} class="input" type="text" inputMode="search" enterKeyHint="search" autocomplete="off"
          maxLength={120} placeholder={w.value.search} value={text} data-testid="att-search"
          onInput={(e) => search(e.currentTarget.value, TYPING_MS)} />
        {text && (
          <button type="button" class="btn bare icon small" aria-label={w.value.searchClear} onClick={() => search('', 0)}>
            <X size={18} aria-hidden="true" />
          </button>
        )}
      </div>
      <label class="sr" for={ids.r}>{w.value.region}</label>
      <select id={ids.r} class="input" value={p.query.region} data-testid="att-region"
        onChange={(e) => p.onChange({ region: e.currentTarget.value })}>
        <option value="">{w.value.allRegions}</option>
        {p.regions.map((r) => <option key={r.code} value={r.code}>{r.name}</option>)}
      </select>
    </form>
  );
}

/** Which page of the list; nothing when there is only one. */
export function Pager({ sheet, onPage }: { sheet: Sheet; onPage: (page: number) => void }) {
  const last = Math.max(1, Math.ceil(sheet.total / sheet.size));
  if (last === 1) return null;
  const n = (x: number) => formatNumber(x, lang.value);
  return (
    <nav class="bp-pager" aria-label={w.value.pages}>
      <button type="button" class="btn quiet small" disabled={sheet.page <= 1} onClick={() => onPage(sheet.page - 1)}
        data-testid="att-prev">
        <ChevronLeft size={18} aria-hidden="true" />
        {w.value.prev}
      </button>
      <span class="num" data-testid="att-page">{w.value.page(n(sheet.page), n(last))}</span>
      <button type="button" class="btn quiet small" disabled={sheet.page >= last} onClick={() => onPage(sheet.page + 1)}
        data-testid="att-next">
        {w.value.next}
        <ChevronRight size={18} aria-hidden="true" />
      </button>
    </nav>
  );
}
