import { lang } from '../../i18n';
import { formatElapsed, now, second } from '../../time';
import type { Event } from '../../wire.gen';
import { w } from './words';

/** The event's phase as a coloured word. */
export function PhaseBadge({ phase }: { phase: string }) {
  const text: Record<string, string> = {
    scheduled: w.value.phase_scheduled,
    live: w.value.phase_live,
    paused: w.value.phase_paused,
    ended: w.value.phase_ended,
  };
  const look = phase === 'live' ? 'live' : phase === 'paused' ? 'gold' : 'grey';
  return <span class={`badge ${look}`} data-testid="phase" data-phase={phase}>{text[phase] ?? phase}</span>;
}

/** The server's clock in WIB, with seconds: the desk runs by it. */
export function Clock() {
  void second.value;
  const d = new Date(now() + 7 * 3600_000);
  const sep = lang.value === 'id' ? '.' : ':';
  const hms = [d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()].map((n) => String(n).padStart(2, '0')).join(sep);
  return <span class="num clock" title={w.value.clockLabel}>{w.value.clock(hms)}</span>;
}

/** How long ago the event first went live; nothing before that. */
export function Elapsed({ event }: { event: Event }) {
  void second.value;
  if (!event.liveSince || event.phase === 'ended') return null;
  const ms = now() - Date.parse(event.liveSince);
  return (
    <span class="num" title={w.value.elapsedLabel} data-testid="elapsed">
      <span class="sr">{w.value.elapsedLabel} </span>
      {formatElapsed(ms)}
    </span>
  );
}
