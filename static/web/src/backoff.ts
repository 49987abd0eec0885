// When to come back after a connection was lost. Two things look alike from here and want opposite manners: our own
// network was away, and then nobody else waits and every second counts; or the server is, and then everybody waits.

/** How one try ended. */
export type Ending =
  | 'silent' // nothing came any more, or nothing ever did: the network is away
  | 'closed' // a socket that worked was closed from the other side
  | 'refused'; // it could not be opened: the server is down or full

const JOINS_A_SECOND = 400; // what a server of two processors takes in, media included
const LEAST_MS = 200;
const SOON_MS = 1000;
const FIRST_MS = 800; // and half a second for each thousand of viewers, up to 4 s
const MOST_MS = 15_000;

/**
 * ms until the next try. attempt counts tries without success; viewers is how many others may be coming back; dice is
 * random in 0..1. Pure.
 */
export function wait(ending: Ending, attempt: number, viewers: number, dice: number): number {
  if (ending === 'silent') return LEAST_MS + dice * SOON_MS;
  if (attempt === 0) return LEAST_MS + dice * Math.min(4000, Math.max(FIRST_MS, viewers / 2));
  const all = Math.min(MOST_MS, Math.max(4000, (viewers / JOINS_A_SECOND) * 1000));
  return LEAST_MS + dice * Math.min(all, 2 * FIRST_MS * 2 ** (attempt - 1));
}
