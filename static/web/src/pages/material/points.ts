// A page's own coordinates: 0 to 4095 from its left to its right, and from its top to its foot. On the wire two digits each.

export const END = 4095;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const MAX_POINTS = 200; // of a stroke

export interface XY {
  x: number;
  y: number;
}

const clamp = (v: number): number => Math.max(0, Math.min(END, Math.round(v)));
const two = (v: number): string => `${DIGITS[v >> 6] ?? 'A'}${DIGITS[v & 63] ?? 'A'}`;

export const encode = (points: XY[]): string => points.map((p) => two(clamp(p.x)) + two(clamp(p.y))).join('');

export function decode(s: string): XY[] {
  const out: XY[] = [];
  for (let i = 0; i + 3 < s.length; i += 4) {
    const d = (k: number): number => Math.max(0, DIGITS.indexOf(s[i + k] ?? 'A'));
    out.push({ x: d(0) * 64 + d(1), y: d(2) * 64 + d(3) });
  }
  return out;
}

/** Leaves out what no eye misses: points nearer than tolerance to the line through their neighbours (Douglas, Peucker 1973). */
export function simplify(points: XY[], tolerance = 8): XY[] {
  const keep = new Set([0, points.length - 1]);
  const spans: [number, number][] = [[0, points.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    const a = points[from];
    const b = points[to];
    if (!a || !b) continue;
    let far = tolerance;
    let at = -1;
    for (let i = from + 1; i < to; i++) {
      const d = distance(points[i] ?? a, a, b);
      if (d > far) [far, at] = [d, i];
    }
    if (at < 0) continue;
    keep.add(at);
    spans.push([from, at], [at, to]);
  }
  const out = points.filter((_, i) => keep.has(i));
  return out.length > MAX_POINTS ? simplify(points, tolerance * 2) : out;
}

function distance(p: XY, a: XY, b: XY): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const long = Math.hypot(dx, dy);
  return long === 0 ? Math.hypot(p.x - a.x, p.y - a.y) : Math.abs(dy * (p.x - a.x) - dx * (p.y - a.y)) / long;
}
