import { signal } from '@preact/signals';

// Every time on screen is WIB (UTC+7, no summer time) and comes from the server's clock: phones near the border
// pick up WITA, and many office PCs are minutes off. performance.now only measures what passed since we heard it.

const WIB = 7 * 3600_000;
let base = Date.now() - performance.now();

/** Ticks once a second while the page is open; reading it in a component keeps clocks moving. */
export const second = signal(0);
setInterval(() => (second.value = Math.floor(now() / 1000)), 1000);

/** Sets the clock from the server's: Unix ms. */
export function setServerTime(unixMs: number): void {
  if (unixMs > 0) {
    base = unixMs - performance.now();
    second.value = Math.floor(unixMs / 1000);
  }
}

/** The server's time now, Unix ms. */
export function now(): number {
  return base + performance.now();
}

const DAYS = {
  id: ['Minggu', 'Senin', 'Selasa', 'Rabu', 'Kamis', 'Jumat', 'Sabtu'],
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
};
const MONTHS = {
  id: ['Januari', 'Februari', 'Maret', 'April', 'Mei', 'Juni', 'Juli', 'Agustus', 'September', 'Oktober', 'November',
    'Desember'],
  en: ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November',
    'December'],
};

export type Lang = 'id' | 'en';
type Instant = number | string; // Unix ms or RFC 3339

function wib(at: Instant): Date {
  return new Date((typeof at === 'number' ? at : Date.parse(at)) + WIB);
}
const two = (n: number): string => String(n).padStart(2, '0');

/** "Rabu, 24 September 2025". */
export function formatDate(at: Instant, lang: Lang): string {
  const d = wib(at);
  return `${DAYS[lang][d.getUTCDay()]}, ${d.getUTCDate()} ${MONTHS[lang][d.getUTCMonth()]} ${d.getUTCFullYear()}`;
}

/** "09.00" (Indonesian) or "09:00". */
export function formatClock(at: Instant, lang: Lang): string {
  const d = wib(at);
  return two(d.getUTCHours()) + (lang === 'id' ? '.' : ':') + two(d.getUTCMinutes());
}

/** "09.00.05": to the second, for who compares. */
export function formatSecond(at: Instant, lang: Lang): string {
  return formatClock(at, lang) + (lang === 'id' ? '.' : ':') + two(wib(at).getUTCSeconds());
}

/** The time of day in WIB as a field of type time holds it: "09:00:05". */
export function toField(at: Instant): string {
  const d = wib(at);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

/** The moment of a field's time of day that is nearest to another moment; NaN if the field is empty. */
export function fromField(value: string, near: Instant): number {
  const [h, m, s] = value.split(':').map(Number);
  if (h === undefined || m === undefined || !value) return NaN;
  const day = 86_400_000;
  const base = wib(near).getTime();
  const at = Math.floor(base / day) * day + ((h * 60 + m) * 60 + (s ?? 0)) * 1000;
  return at + Math.round((base - at) / day) * day - WIB;
}

/** "pukul 09.00–11.30 WIB". */
export function formatSpan(from: Instant, to: Instant, lang: Lang): string {
  const s = `${formatClock(from, lang)}–${formatClock(to, lang)} WIB`;
  return lang === 'id' ? `pukul ${s}` : s;
}

/** "1:02:03" or "02:03", for clocks that run. */
export function formatElapsed(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(s / 3600);
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return h > 0 ? `${h}:${rest}` : rest;
}

/** "2 jam 15 menit", "45 menit", "30 detik". */
export function formatDuration(seconds: number, lang: Lang): string {
  const w = lang === 'id' ? ['jam', 'menit', 'detik'] : ['h', 'min', 's'];
  const h = Math.floor(seconds / 3600);
  const m = Math.floor(seconds / 60) % 60;
  if (h > 0) return m > 0 ? `${h} ${w[0]} ${m} ${w[1]}` : `${h} ${w[0]}`;
  return m > 0 ? `${m} ${w[1]}` : `${Math.floor(seconds)} ${w[2]}`;
}

/** "1.250" (Indonesian) or "1,250"; at most one decimal: "87,5". */
export function formatNumber(n: number, lang: Lang): string {
  const [point, sep] = lang === 'id' ? [',', '.'] : ['.', ','];
  const [whole = '0', frac] = String(Math.round(n * 10) / 10).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, sep);
  return frac ? grouped + point + frac : grouped;
}
