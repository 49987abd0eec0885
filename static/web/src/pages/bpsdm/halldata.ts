import { api, type Gap, type Stretch } from '../../api';
import { pathOf } from './data';

/** How one person's figures came about; see signaling/api/explain.go. */
export interface Explained {
  person: string;
  rule: string;
  version: number;
  sentences: string[]; // in Indonesian
  intervals: Stretch[];
  gaps: Gap[];
  levels: string; // "AB"
  classes: { class: EvidenceClass; seconds: number }[];
}
type EvidenceClass =
  | 'delivered' | 'decoded' | 'socket' | 'scanned' | 'marked' | 'paper' | 'corrected' | 'voided';

export interface Verdict {
  verdict: 'fine' | 'act';
  reason: string;
  who: string;
  at: string;
}
/** Something odd, with what was made of it. */
export interface Flag {
  id: string;
  kind: 'device' | 'two_places' | 'two_halls' | 'no_out' | 'unchecked';
  people: { person: string; name: string; unit: string }[];
  halls: string[];
  from: string; // RFC 3339; "" where no moment fits
  seconds: number;
  percent: number;
  missed: number;
  said: Verdict[]; // oldest first; the last counts
}

export interface HallInfo {
  id: string;
  name: string;
  place: string;
  pic: string;
  opened: string;
  closed: string; // "": open
  screens: number;
  receiving: boolean;
  inside: number;
  left: number;
  byLevel: [number, number, number]; // B, C, D
}
export interface Halls {
  until: string;
  halls: HallInfo[];
  files: { file: string; hall: string; type: string; at: string; size: number }[];
}
/** One mark of a hall. */
export interface HallMark {
  entry: string;
  person: string;
  name: string;
  nip: string; // masked
  unit: string;
  out: boolean;
  level: string;
  how: string;
  at: string;
  taken: string;
  by: string; // the PIC; "": the person's own phone
  reason: string;
  file: string;
  struck: string;
  why: string;
}

const hallsOf = (event: string): string => `${pathOf(event)}/halls`;

export const explain = (token: string, event: string, person: string, signal: AbortSignal): Promise<Explained> =>
  api('POST', `${pathOf(event)}/attendance/person`, { token, body: { person }, signal });
export const getFlags = (token: string, event: string, signal: AbortSignal): Promise<Flag[]> =>
  api('GET', `${hallsOf(event)}/flags`, { token, signal });
export const judge = (
  token: string,
  event: string,
  flag: string,
  body: { verdict: Verdict['verdict']; reason: string; who: string },
): Promise<Flag[]> => api('POST', `${hallsOf(event)}/flags/${encodeURIComponent(flag)}`, { token, body });
export const getHalls = (token: string, event: string, signal: AbortSignal): Promise<Halls> =>
  api('GET', hallsOf(event), { token, signal });
export const getMarks = (token: string, event: string, hall: string, signal: AbortSignal): Promise<HallMark[]> =>
  api('GET', `${hallsOf(event)}/${encodeURIComponent(hall)}`, { token, signal });
export const strikeMark = (token: string, event: string, body: { entry: string; reason: string }): Promise<unknown> =>
  api('POST', `${hallsOf(event)}/strike`, { token, body });
export const makePIC = (token: string, event: string, body: { name: string; slice: string }): Promise<{ link: string; code: string }> =>
  api('POST', `${hallsOf(event)}/pics`, { token, body });
export const sheetOf = (event: string, unit: string): string => `${hallsOf(event)}/sheet.pdf?unit=${encodeURIComponent(unit)}`;
export const fileOf = (event: string, file: string): string => `${hallsOf(event)}/files/${file}`;
