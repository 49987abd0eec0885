import { BadgeCheck, CircleAlert, CircleCheck, CircleUserRound } from 'lucide-preact';
import { lang } from '../../i18n';
import { connection, event, mine, you } from '../../store/state';
import { formatNumber } from '../../time';
import { w } from './words';

/** "Kehadiran Anda tercatat: 87 menit (72 %)": always in sight, so that nobody has to wonder. */
export function PresenceChip() {
  const x = w.value;
  const p = mine.value.presence;
  const e = event.value;
  const role = you.value?.role;
  if (!role) return null;
  if (role !== 'participant') {
    if (role !== 'guest') return null;
    return (
      <p class="presence" data-testid="presence">
        <CircleUserRound size={20} aria-hidden="true" />
        <span>{x.guestNoCredit}</span>
      </p>
    );
  }
  if (!p || p.live === 0) {
    return (
      <p class="presence" data-testid="presence" data-seconds="0">
        <CircleUserRound size={20} aria-hidden="true" />
        <span>{e && e.phase !== 'scheduled' ? x.presenceSoon : x.recordedNone}</span>
      </p>
    );
  }
  const warn = e?.phase === 'live' && !p.now && connection.value === 'open';
  return (
    <p class={`presence${p.meets ? ' meets' : ''}${warn ? ' warn' : ''}`} data-testid="presence"
      data-seconds={p.seconds} data-percent={p.percent}>
      {warn ? <CircleAlert size={20} aria-hidden="true" /> : p.meets
        ? <BadgeCheck size={20} aria-hidden="true" />
        : <CircleCheck size={20} aria-hidden="true" />}
      <span class="num">
        {x.recorded(formatNumber(Math.floor(p.seconds / 60), lang.value), p.percent)}
        {warn && <span class="sub">{x.notNow}</span>}
      </span>
      {e && !warn && <span class="needs small">{x.needs(e.threshold)}</span>}
    </p>
  );
}
