import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Hand, Info, X } from 'lucide-preact';
import { announce } from '../../a11y';
import { sentence, t } from '../../i18n';
import type { Socket } from '../../socket';
import { event, may, mine } from '../../store/state';
import { chime } from './chime';
import { news } from './turn';
import { w } from './words';

/** The camera's part of the page: fetched when a hand goes up, so that a viewer's first page stays small. */
const floor = () => import('./floor');

/** Raises the hand, shows its place in the queue, lowers it. */
export function HandButton({ socket }: { socket: Socket }) {
  const [busy, setBusy] = useState(false);
  const hand = mine.value.hand;
  const x = w.value;
  const place = hand?.status === 'waiting' ? hand.place : 0;
  useEffect(() => {
    if (place > 0) announce(w.value.handPlace(place));
  }, [place]);
  useEffect(() => {
    if (hand) void floor();
  }, [hand?.id]);
  const button = useRef<HTMLButtonElement>(null);
  const called = hand !== undefined && hand.status !== 'waiting';
  const was = useRef(called);
  useEffect(() => {
    if (was.current && !called) setTimeout(() => document.activeElement === document.body && button.current?.focus()); // what was pressed is gone
    was.current = called;
  }, [called]);
  if (!may('hand') || event.value?.phase === 'ended' || called) return null;
  const press = async () => {
    if (busy) return;
    setBusy(true);
    news.value = '';
    try {
      await socket.request('hand', { on: !hand });
      if (hand) announce(w.value.handDown);
    } catch (e) {
      news.value = sentence(e);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button ref={button} type="button" class="btn bare small hand" aria-pressed={hand !== undefined} aria-disabled={busy}
      onClick={() => void press()} data-testid="hand" data-place={place}
      aria-label={hand ? `${x.handPlace(place)}. ${x.lowerHand}` : x.raiseHand} title={hand ? x.lowerHand : x.raiseHand}>
      <Hand size={20} aria-hidden="true" />
      <span class="long">{hand ? x.handPlace(place) : x.raiseHand}</span>
      <span class="short">{hand ? x.handPlaceShort(place) : x.raiseHandShort}</span>
    </button>
  );
}

type FloorProps = { socket: Socket };

/** Once the hand is invited: the device check, then one's own picture and buttons. */
export function Invited(p: FloorProps) {
  const [view, setView] = useState<{ Floor: ComponentType<FloorProps> } | null>(null);
  const hand = mine.value.hand;
  const called = hand !== undefined && hand.status !== 'waiting';
  useEffect(() => {
    if (!called) return;
    news.value = '';
    announce(w.value.invited, true);
    chime();
    floor().then((m) => setView({ Floor: m.default }), () => (news.value = t.value.offline));
  }, [called]);
  return called && view ? <view.Floor key={hand.id} {...p} /> : null;
}

/** One line that stays until it is dismissed. */
export function HandNews() {
  if (!news.value) return null;
  return (
    <div class="banner" role="status" data-testid="hand-news">
      <Info size={20} aria-hidden="true" />
      <span>{news.value}</span>
      <button type="button" class="btn bare icon small" aria-label={t.value.close} onClick={() => (news.value = '')}>
        <X size={18} aria-hidden="true" />
      </button>
    </div>
  );
}
