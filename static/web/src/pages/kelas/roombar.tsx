import { useEffect, useRef } from 'preact/hooks';
import { DoorOpen, LifeBuoy, Timer } from 'lucide-preact';
import { announce } from '../../a11y';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { lesson } from '../../store/lesson';
import { may } from '../../store/state';
import { formatElapsed, now, second } from '../../time';
import { toast } from '../staff/toast';
import { w } from './words';

export const numberOf = (room: string): number => Number(room.slice(1));

/** How long the rooms stay open; "" while they have no end. */
export function timeLeft(until: number): string {
  return until > 0 ? formatElapsed(Math.max(0, until - now() + 999)) : '';
}

/** Where one is while the breakout rooms are open, how long still, and the way to a trainer or another room. */
export function RoomBar({ socket }: { socket: Socket }) {
  void second.value;
  const l = lesson.value;
  const x = w.value;
  const trainer = may('rooms.make');
  const was = useRef(l.here);
  useEffect(() => {
    if (l.here !== was.current) announce(l.here ? w.value.roomBegin(numberOf(l.here)) : w.value.roomOver, true);
    was.current = l.here;
  }, [l.here]);
  const soon = l.open && l.until > 0 && l.until - now() < 60_000;
  useEffect(() => {
    if (soon) announce(w.value.countdown, true);
  }, [soon]);
  if (!l.open) return null;
  const send = (t: 'rooms.go' | 'rooms.help', d: { room: string } | { on: boolean }) =>
    void socket.request(t, d as never).catch((e: unknown) => toast('error', sentence(e)));
  const choose = !trainer && l.way === 'choice';
  return (
    <div class={`room-bar ${soon ? 'soon' : ''}`} data-testid="room-bar" data-room={l.here}>
      <p class="where">
        <DoorOpen size={20} aria-hidden="true" />
        <strong>{l.here ? x.inRoom(numberOf(l.here)) : x.inClass}</strong>
        {l.until > 0 && (
          <span class="num left" role="timer" data-testid="room-left"><Timer size={16} aria-hidden="true" />{x.left(timeLeft(l.until))}</span>
        )}
      </p>
      <div class="row">
        {choose && l.rooms.filter((r) => r.id !== l.here).map((r) => (
          <button key={r.id} type="button" class="btn quiet small" onClick={() => send('rooms.go', { room: r.id })} data-testid="choose-room">
            {x.room(r.n)} · {x.count(r.count)}
          </button>
        ))}
        {l.here && !trainer && (
          <button type="button" class={`btn small ${l.helping ? 'gold' : 'quiet'}`} aria-pressed={l.helping} data-testid="call-help"
            onClick={() => send('rooms.help', { on: !l.helping })}>
            <LifeBuoy size={18} aria-hidden="true" />
            {l.helping ? x.calling : x.callHelp}
          </button>
        )}
        {l.here && (trainer || choose) && (
          <button type="button" class="btn quiet small" onClick={() => send('rooms.go', { room: '' })} data-testid="room-back">{x.back}</button>
        )}
      </div>
    </div>
  );
}
