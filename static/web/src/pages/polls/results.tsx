import { Check } from 'lucide-preact';
import { lang } from '../../i18n';
import { formatNumber } from '../../time';
import type { Poll, Tally } from '../../wire.gen';
import { w } from './words';

/** What can be chosen: the options, or the values of a scale. */
export function choices(p: Poll): string[] {
  return p.kind === 'scale' ? Array.from({ length: p.top }, (_, i) => String(i + 1)) : p.options;
}

/** A poll's counts as bars, with what is right and what the reader chose. */
export function Results({ p, tally, picked = 0 }: { p: Poll; tally: Tally; picked?: number }) {
  const x = w.value;
  const most = Math.max(1, ...tally.counts);
  return (
    <div class={`poll-results${p.right ? ' quiz' : ''}`} data-testid="poll-results">
      {choices(p).map((label, i) => {
        const n = tally.counts[i] ?? 0;
        const share = tally.n > 0 ? Math.round((n * 100) / tally.n) : 0;
        const right = Boolean((p.right ?? 0) & (1 << i));
        return (
          <div key={label} class={`poll-bar${right ? ' right' : ''}`}>
            <p class="row spread">
              <span>
                {right && <Check size={16} aria-hidden="true" />}
                {label}
                {right && <span class="small"> · {x.right}</span>}
                {Boolean(picked & (1 << i)) && <span class="small muted"> · {x.yours}</span>}
              </span>
              <span class="num small">{formatNumber(n, lang.value)} · {share}&nbsp;%</span>
            </p>
            <div class="track" aria-hidden="true"><span style={{ width: `${(n * 100) / most}%` }} /></div>
          </div>
        );
      })}
      <p class="small muted">{x.people(formatNumber(tally.n, lang.value))}</p>
    </div>
  );
}
