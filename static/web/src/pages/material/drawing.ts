import { signal } from '@preact/signals';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { ink } from '../../store/state';
import type { Stroke } from '../../wire.gen';
import { toast } from '../staff/toast';
import { encode, END, simplify, type XY } from './points';
import type { Color } from './sheet';
import { w } from './words';

export type Tool = 'none' | 'pointer' | 'pen' | 'marker';

interface Place {
  deck: string;
  page: number;
  tool: Tool;
  color: Color;
}

const POINT_MS = 150;
const MAX_RAW = 2000; // points of a stroke before it is sent and the next begins

/** The presenter's hand on the page: what it points at and draws, by mouse, pen or finger. */
export function drawing(socket: Socket) {
  /** The stroke that is being drawn, or is on its way. */
  const line = signal<Stroke | null>(null);

  function attach(svg: SVGSVGElement | null, place: Place): (() => void) | undefined {
    if (!svg || place.tool === 'none') return undefined;
    const { deck, page, tool, color } = place;
    const wide = tool === 'marker';
    let raw: XY[] = [];
    let on = false;
    const spot = (e: PointerEvent): XY | null => {
      const m = svg.getScreenCTM();
      if (!m) return null;
      const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(m.inverse());
      const tall = svg.viewBox.baseVal.height || END;
      const at = { x: p.x, y: (p.y * END) / tall };
      return at.x < 0 || at.y < 0 || at.x > END || at.y > END ? null : { x: Math.round(at.x), y: Math.round(at.y) };
    };
    const move = pointerSender(socket);
    const down = (e: PointerEvent) => {
      const at = spot(e);
      if (!at || e.button !== 0) return;
      e.preventDefault();
      if (tool === 'pointer') return move.to(at);
      svg.setPointerCapture(e.pointerId);
      on = true;
      raw = [at];
      line.value = { color, wide, points: encode(raw) };
    };
    const along = (e: PointerEvent) => {
      if (tool === 'pointer') return move.to(spot(e));
      if (!on) return;
      const between = e.getCoalescedEvents?.() ?? [];
      for (const c of between.length > 0 ? between : [e]) {
        const at = spot(c);
        if (at) raw.push(at);
      }
      line.value = { color, wide, points: encode(raw) };
      if (raw.length > MAX_RAW) {
        const last = raw[raw.length - 1];
        send();
        raw = last ? [last] : [];
        on = true;
      }
    };
    const send = () => {
      on = false;
      if (raw.length === 0) return;
      const points = encode(simplify(raw));
      const before = ink.peek();
      line.value = { color, wide, points };
      socket.request('ink', { deck, page, do: 'stroke', color, wide, points }).catch((e: unknown) => {
        line.value = null;
        toast('error', w.value.failed, sentence(e));
      });
      // One's own stroke stands until the server's drawing has it.
      const stop = ink.subscribe((now) => {
        if (now === before) return;
        if (!on) line.value = null;
        queueMicrotask(() => stop());
      });
    };
    const up = () => {
      if (on) send();
    };
    const gone = () => {
      if (tool === 'pointer') move.to(null);
    };
    svg.addEventListener('pointerdown', down);
    svg.addEventListener('pointermove', along);
    svg.addEventListener('pointerup', up);
    svg.addEventListener('pointercancel', up);
    svg.addEventListener('pointerleave', gone);
    return () => {
      if (on) send();
      line.value = null;
      move.to(null);
      svg.removeEventListener('pointerdown', down);
      svg.removeEventListener('pointermove', along);
      svg.removeEventListener('pointerup', up);
      svg.removeEventListener('pointercancel', up);
      svg.removeEventListener('pointerleave', gone);
    };
  }
  return { line, attach };
}

/** Sends the pointer's place a few times a second, and always its last one. */
function pointerSender(socket: Socket): { to(at: XY | null): void } {
  let timer = 0;
  let last: XY | null = null;
  let sent: XY | null = null;
  const send = () => {
    sent = last;
    socket.send('point', last ? { on: true, ...last } : { on: false, x: 0, y: 0 });
    timer = window.setTimeout(() => {
      timer = 0;
      if (last !== sent) send();
    }, POINT_MS);
  };
  return {
    to(at) {
      last = at;
      if (!timer && last !== sent) send();
    },
  };
}
