import { lang } from '../../i18n';
import { counts } from '../../store/state';
import { formatNumber } from '../../time';
import type { RegionCount } from '../../wire.gen';
import { w } from './words';

/** Viewers by step of the ladder, the best first: where the networks are too narrow shows at once. */
function Rungs() {
  const x = w.value;
  const n = (v: number) => formatNumber(v, lang.value);
  const rows = [...(counts.value.rungs ?? [])].reverse();
  const most = Math.max(1, ...rows.map((r) => r.n));
  if (rows.length === 0) return null;
  return (
    <>
      <h3>{x.rungsTitle}</h3>
      <ul class="regions rungs">
        {rows.map((r) => (
          <li key={r.rung} data-testid="rung" data-rung={r.rung} data-n={r.n} data-network={r.network}>
            <span class="name">
              {x.rungs[r.rung]}
              {r.network > 0 && <span class="small muted"> {x.rungNetwork(n(r.network))}</span>}
            </span>
            <span class="num">{n(r.n)}</span>
            <span class="bar" aria-hidden="true"><span style={{ width: `${(r.n / most) * 100}%` }} /></span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Participants by regency, most first, and viewers by what their network carries. */
export function Audience() {
  const c = counts.value;
  const x = w.value;
  const n = (v: number) => formatNumber(v, lang.value);
  const there = (r: RegionCount) => r.n + (r.hall ?? 0);
  const rows = [...(c.regions ?? [])].filter((r) => there(r) > 0).sort((a, b) => there(b) - there(a) || a.name.localeCompare(b.name));
  const most = rows[0] ? there(rows[0]) : 1;
  return (
    <div class="audience" data-testid="audience">
      <p class="small muted num">
        {x.audienceNums(n(c.participants), n(c.guests))}
        {(c.halls ?? 0) > 0 && <>, <span data-testid="in-halls">{x.audienceHalls(n(c.halls ?? 0))}</span></>}
      </p>
      {rows.length === 0 ? (
        <p class="muted">{x.audienceNone}</p>
      ) : (
        <ul class="regions">
          {rows.map((r) => (
            <li key={r.code} data-testid="region" data-code={r.code}>
              <span class="name">{r.name.replace(/^Kabupaten /, x.regency) || x.regionUnknown}</span>
              <span class="num">{n(there(r))}</span>
              <span class="bar" aria-hidden="true">
                <span style={{ width: `${(r.n / most) * 100}%` }} />
                <span class="hall" style={{ width: `${((r.hall ?? 0) / most) * 100}%` }} />
              </span>
              {(r.hall || r.voice) && (
                <span class="small more">
                  {r.hall && <span class="muted">{x.regionHall(n(r.hall))} </span>}
                  {r.voice && <span class="voice">{x.regionVoice(n(r.voice))}</span>}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      <Rungs />
    </div>
  );
}
