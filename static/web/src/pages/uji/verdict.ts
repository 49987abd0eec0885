import type { Measured, Tried, Way } from './probe';

export type Verdict = 'ready' | 'saving' | 'voice' | 'none';
export type Rung = 'high' | 'medium' | 'low' | 'voice' | 'none';

/** What a lecture will look like at a rate that came through: the ladder's rungs with their voice. */
export function rungOf(kbps: number): Rung {
  if (kbps >= 1700) return 'high';
  if (kbps >= 700) return 'medium';
  if (kbps >= 250) return 'low';
  return kbps >= 50 ? 'voice' : 'none';
}

/** The one word. Without a websocket nobody gets in, whatever the media do. */
export function verdictOf(tried: Record<Way, Tried>, m: Measured | null): Verdict {
  if (!tried.socket.ok || !m) return 'none';
  const rung = rungOf(m.kbps);
  if (rung === 'high' || rung === 'medium') return 'ready';
  if (rung === 'low') return 'saving';
  return rung;
}

/** The way the media will take: the first that is open, as a browser chooses. */
export function wayOf(tried: Record<Way, Tried>): Exclude<Way, 'socket'> | null {
  for (const way of ['udp', 'tcp', 'tls'] as const) if (tried[way].ok) return way;
  return null;
}

export type Tone = 'good' | 'fair' | 'bad';

/** The colour of a verdict. Over TCP what is lost holds up all that comes after it: that is ready, and not well. */
export function toneOf(verdict: Verdict, udp: boolean): Tone {
  if (verdict === 'none') return 'bad';
  return verdict === 'ready' && udp ? 'good' : 'fair';
}
