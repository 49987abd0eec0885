import type { ComponentChildren, RefObject } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Point, Stroke } from '../../wire.gen';
import { decode, END } from './points';
import type { Picture } from './picture';

/** The colours of ink, told apart also by who sees few of them: each is darker or lighter than the others. */
export const COLORS = { red: '#d3202f', blue: '#1456d8', green: '#0a7d3e', yellow: '#f2b705' } as const;
export type Color = keyof typeof COLORS;

/** A page with what is drawn on it, in one drawing, so that both stand on each other at any size. */
export function Sheet(p: {
  picture: Picture | null; label: string; strokes: Stroke[]; point: Point | null; box?: RefObject<SVGSVGElement> | null; children?: ComponentChildren;
}) {
  const { width, height } = p.picture ?? { width: 16, height: 9 };
  const h = (END * height) / width;
  return (
    <svg ref={p.box ?? null} class="sheet" viewBox={`0 0 ${END} ${h}`} role="img" aria-label={p.label} data-testid="sheet" data-url={p.picture?.url ?? ''}>
      {p.picture && <image href={p.picture.url} width={END} height={h} preserveAspectRatio="none" />}
      {p.strokes.map((s, i) => <Line key={i} stroke={s} tall={h / END} />)}
      {p.children}
      {p.point?.on && (
        <g class="pointer" style={{ transform: `translate(${p.point.x}px, ${(p.point.y * h) / END}px)` }} data-testid="pointer">
          <circle r="52" />
          <circle r="26" class="dot" />
        </g>
      )}
    </svg>
  );
}

/** One stroke; a single point is a dot. */
export function Line({ stroke: s, tall }: { stroke: Stroke; tall: number }) {
  const d = useMemo(() => {
    const at = decode(s.points).map((q) => `${q.x} ${Math.round(q.y * tall)}`);
    return `M${at.join('L')}${at.length === 1 ? 'h1' : ''}`;
  }, [s.points, tall]);
  return <path class={`ink${s.wide ? ' wide' : ''}`} d={d} stroke={COLORS[s.color]} />;
}
