/** Presence over time as a plain filled line; the sentence beside it says the same. */
export function Curve({ points, label, from, to }: { points: number[]; label: string; from: string; to: string }) {
  const W = 600;
  const H = 120;
  const top = Math.max(1, ...points);
  const at = (i: number, n: number) => `${((i + 0.5) / points.length) * W},${H - (n / top) * (H - 8)}`;
  const line = points.map((n, i) => at(i, n)).join(' ');
  return (
    <figure class="curve">
      <svg viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <polygon points={`0,${H} ${line} ${W},${H}`} />
        <polyline points={line} />
      </svg>
      <figcaption class="small muted num" aria-hidden="true"><span>{from}</span><span>{to}</span></figcaption>
    </figure>
  );
}
