const RATE = 8000;

/** Two soft tones, made here: a file would be one more request, and Web Audio is silent on a muted iPhone. */
function wave(): Blob {
  const n = RATE * 0.7;
  const view = new DataView(new ArrayBuffer(44 + n * 2));
  const text = (at: number, s: string) => [...s].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + n * 2, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, n * 2, true);
  for (let i = 0; i < n; i++) {
    const t = i / RATE;
    const [pitch, since] = t < 0.3 ? [660, t] : [880, t - 0.3];
    const swell = Math.min(1, since * 50) * Math.exp(-since * 6);
    view.setInt16(44 + i * 2, Math.sin(2 * Math.PI * pitch * t) * swell * 9000, true);
  }
  return new Blob([view.buffer], { type: 'audio/wav' });
}

let url = '';

/** Sounds once; a browser that allows no sound yet stays silent. */
export function chime(): void {
  url ||= URL.createObjectURL(wave());
  new Audio(url).play().catch(() => {});
}
