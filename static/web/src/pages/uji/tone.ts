/** A second of two soft notes as a WAV, made here: nothing is downloaded. */
export function toneURL(): string {
  const rate = 16_000;
  const n = rate * 1.2;
  const view = new DataView(new ArrayBuffer(44 + 2 * n));
  const text = (at: number, s: string) => [...s].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + 2 * n, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // mono
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, 2 * n, true);
  for (let i = 0; i < n; i++) {
    const t = i / rate;
    const note = t < 0.6 ? 523.25 : 659.25;
    const fade = Math.min(1, (t % 0.6) * 40, (0.6 - (t % 0.6)) * 8);
    view.setInt16(44 + 2 * i, Math.sin(2 * Math.PI * note * t) * fade * 14_000, true);
  }
  return URL.createObjectURL(new Blob([view], { type: 'audio/wav' }));
}
