import { api, type Correction, type Own, type Ratified } from '../../api';
import { pathOf } from './data';

export interface Ratification {
  ended: boolean;
  counting: boolean;
  people: number;
  meets: number;
  pending: number;
  decisions: number;
  key: string;
  lists: Ratified[]; // the newest first
  absent?: { number: string; revision: number; hash: string; by: string }; // its document lies at a server that is away
  copies: Copy[]; // other servers that keep these papers
  clashes?: Clash[];
}

/** How far another server has copied the papers of this one. */
export interface Copy {
  node: string;
  behind: number;
  at: string; // '' if it never asked
}

/** A person whom two servers changed while they were parted. */
export interface Clash {
  name: string;
  counts: ClashVersion;
  others: ClashVersion[];
}
export interface ClashVersion {
  node: string;
  at: string;
  says: string;
}

export interface DeskRow extends Correction {
  name: string;
  nip: string;
  unit: string;
  region: string;
  own: Own;
  ifSeconds: number;
  ifPercent: number;
  ifMeets: boolean;
}

export const getRatification = (token: string, event: string, signal: AbortSignal): Promise<Ratification> =>
  api('GET', `${pathOf(event)}/ratification`, { token, signal });
export const ratify = (
  token: string,
  event: string,
  body: { by: string; reason: string; order: string },
): Promise<Ratified> => api('POST', `${pathOf(event)}/ratification`, { token, body });
export const voidList = (token: string, event: string, number: string, body: { who: string; reason: string }): Promise<Ratification> =>
  api('POST', `${pathOf(event)}/ratification/${encodeURIComponent(number)}/void`, { token, body });
export const getCorrections = (token: string, event: string, signal: AbortSignal): Promise<DeskRow[]> =>
  api('GET', `${pathOf(event)}/corrections`, { token, signal });
export const decide = (
  token: string,
  event: string,
  id: string,
  body: { granted: boolean; from: number; to: number; reason: string; who: string },
): Promise<DeskRow[]> => api('POST', `${pathOf(event)}/corrections/${encodeURIComponent(id)}`, { token, body });

const WHO = 'betang.who';
/** Who decided last on this device: offered, never sent by itself. */
export function lastWho(): string {
  try {
    return localStorage.getItem(WHO) ?? '';
  } catch {
    return '';
  }
}
export function keepWho(who: string): void {
  try {
    localStorage.setItem(WHO, who);
  } catch {
    // storage is switched off: it is typed again next time
  }
}
