import { lang } from '../../i18n';
import { counts } from '../../store/state';
import { formatNumber } from '../../time';
import { w } from './words';

/** Participants by regency, most first. */
export function Audience() {
  const c = counts.value;
  const x = w.value;
  const n = (v: number) => formatNumber(v, lang.value);
  const rows = [...(c.regions ?? [])].filter((r) => r.n > 0).sort((a, b) => b.n - a.n || a.name.localeCompare(b.name));
  const most = rows[0]?.n ?? 1;
  return (
    <div class="audience" data-testid="audience">
      <p class="small muted num">{x.audienceNums(n(c.participants), n(c.guests))}</p>
      {rows.length === 0 ? (
        <p class="muted">{x.audienceNone}</p>
      ) : (
        <ul class="regions">
          {rows.map((r) => (
            <li key={r.code} data-testid="region" data-code={r.code}>
              <span class="name">{r.name || x.regionUnknown}</span>
              <span class="num">{n(r.n)}</span>
              <span class="bar" aria-hidden="true"><span style={{ width: `${(r.n / most) * 100}%` }} /></span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
