import { api } from '../../api';

/** Who holds the phone, and where they stand in the hall. */
export interface Me {
  name: string; // masked
  nip: string; // masked
  unit: string;
  region: string;
  verified: boolean;
  ticket: string;
  state: 'none' | 'in' | 'out';
  from: string;
  to: string;
  other: string;
}
export interface Scan {
  event: string;
  title: string;
  phase: string;
  hall: string;
  ticket: string;
  me: Me | null;
  now: number;
}

const PASS = 'betang.pass';

/** What makes this phone's next scan know its holder. */
export function pass(): string {
  try {
    return localStorage.getItem(PASS) ?? '';
  } catch {
    return '';
  }
}
export function keepPass(p: string): void {
  try {
    if (p) localStorage.setItem(PASS, p);
    else localStorage.removeItem(PASS);
  } catch {
    // storage is switched off: the next scan asks for the NIP again
  }
}

export const scan = (by: { qr: string } | { code: string }): Promise<Scan> =>
  api('POST', '/api/hall/scan', { body: { ...by, pass: pass() } });
export const identify = (ticket: string, who: { nip: string } | { code: string }): Promise<Me> =>
  api('POST', '/api/hall/identify', { body: { ticket, ...who } });
export const newcomer = (ticket: string, who: { nip: string; name: string; unit: string }): Promise<Me> =>
  api('POST', '/api/hall/newcomer', { body: { ticket, ...who } });
export const mark = (m: { ticket: string; entry: string; out: boolean; device: string }): Promise<Me & { pass: string }> =>
  api('POST', '/api/hall/mark', { body: m });

/** Repeats what failed for want of a signal, until it is refused or too old to be taken. */
export async function persist<T>(f: () => Promise<T>, onWait: () => void, forMs = 60_000): Promise<T> {
  const until = performance.now() + forMs;
  for (;;) {
    try {
      return await f();
    } catch (e) {
      if ((e as { kind?: string }).kind !== 'Offline' || performance.now() > until) throw e;
      onWait();
      await new Promise((next) => setTimeout(next, 1500));
    }
  }
}
