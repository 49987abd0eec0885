import { CircleAlert, CircleCheck, RefreshCw } from 'lucide-preact';
import { lang } from '../../i18n';
import { formatClock, formatDate, formatNumber } from '../../time';
import type { ClashVersion, Ratification } from './deskdata';
import { w } from './deskwords';

/** Of several servers: which have these papers, what is missing here, and whom two of them changed. */
export function Copies({ data }: { data: Ratification }) {
  const x = w.value;
  const l = lang.value;
  const whole = data.copies.filter((c) => c.behind === 0);
  return (
    <>
      {data.absent && (
        <p class="banner" role="status" data-testid="paper-absent">
          <CircleAlert size={20} aria-hidden="true" />
          <span>{x.absent(data.absent.number, data.absent.revision, data.absent.by)}</span>
        </p>
      )}
      {(data.clashes?.length ?? 0) > 0 && (
        <details class="rt-older rt-clashes" data-testid="paper-clashes">
          <summary>{x.clashes(data.clashes!.length)}</summary>
          <p class="small">{x.clashText}</p>
          <ul>
            {data.clashes!.map((c) => (
              <li key={c.name + c.counts.at} class="small">
                <Version label={x.counts} v={c.counts} />
                {c.others.map((o) => <Version key={o.at} label={x.kept} v={o} />)}
              </li>
            ))}
          </ul>
        </details>
      )}
      {whole.length > 0 && (
        <p class="small muted rt-copies" data-testid="paper-copies">
          <CircleCheck size={16} aria-hidden="true" />
          {x.copied(whole.map((c) => c.node).join(', '))}
        </p>
      )}
      {data.copies.filter((c) => c.behind > 0).map((c) => (
        <p key={c.node} class="small muted rt-copies" data-testid="paper-behind">
          <RefreshCw size={16} aria-hidden="true" />
          {x.behind(c.node, formatNumber(c.behind, l))}
        </p>
      ))}
    </>
  );
}

function Version({ label, v }: { label: string; v: ClashVersion }) {
  const l = lang.value;
  return (
    <p>
      <b>{label}:</b> {v.says}{' '}
      <span class="muted">({w.value.atNode(v.node, v.at ? `${formatDate(v.at, l)} ${formatClock(v.at, l)} WIB` : w.value.before)})</span>
    </p>
  );
}
