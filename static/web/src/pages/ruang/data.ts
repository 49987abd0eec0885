import { api, type EventCard } from '../../api';

export interface HallInfo {
  id: string;
  entry: string;
  name: string;
  place: string;
  pic: string;
  opened: string;
  closed: string;
  screens: number;
  receiving: boolean;
  inside: number;
  left: number;
  byLevel: [number, number, number];
}
export interface Desk {
  event: EventCard;
  name: string;
  slice: string;
  until: string;
  halls: HallInfo[];
}
export interface Stay {
  from: string;
  to: string;
  level: 'B' | 'C' | 'D';
  noOut: boolean;
  noIn: boolean;
}
export interface Mark {
  entry: string;
  out: boolean;
  level: 'B' | 'C' | 'D';
  at: string;
  struck: boolean;
}
export interface InHall {
  person: string;
  name: string;
  nip: string;
  unit: string;
  marks: Mark[];
  stays: Stay[];
}
export interface Hall extends HallInfo {
  screenCode: string;
  screenPage: string;
  people: InHall[];
  now: number;
}
export interface Person {
  id: string;
  name: string;
  nip: string;
  unit: string;
}
export interface Result {
  entry: string;
  ok: boolean;
  retry: boolean;
  code: string;
  message: string;
  person: string;
  name: string;
}

const at = (event: string): string => `/api/events/${encodeURIComponent(event)}/halls`;

export const getDesk = (event: string, token: string): Promise<Desk> => api('GET', at(event), { token });
export const getRoster = (event: string, token: string): Promise<{ people: Person[]; total: number }> =>
  api('GET', `${at(event)}/roster`, { token });
export const getHall = (event: string, token: string, hall: string): Promise<Hall> => api('GET', `${at(event)}/${hall}`, { token });
export const openHall = (event: string, token: string, body: { entry: string; name: string; place: string }): Promise<HallInfo> =>
  api('POST', at(event), { token, body });
export const setOpen = (event: string, token: string, hall: string, open: boolean): Promise<unknown> =>
  api('POST', `${at(event)}/${hall}/${open ? 'reopen' : 'close'}`, { token, body: {} });
export const giveScreen = (event: string, token: string, hall: string): Promise<{ token: string }> =>
  api('POST', `${at(event)}/${hall}/screen`, { token, body: {} });
export const strike = (event: string, token: string, hall: string, body: { entry: string; reason: string }): Promise<unknown> =>
  api('POST', `${at(event)}/${hall}/strike`, { token, body });
export const enter = (event: string, code: string): Promise<{ token: string }> =>
  api('POST', `/api/events/${encodeURIComponent(event)}/pic`, { body: { code } });
export const sendMarks = (event: string, token: string, hall: string, body: unknown): Promise<Result[]> =>
  api('POST', `${at(event)}/${hall}/marks`, { token, body });

/** Sends a sheet's picture. Throws what fetch throws, or a Response that is no success. */
export async function sendFile(event: string, token: string, hall: string, body: Blob): Promise<string> {
  const res = await fetch(`${at(event)}/${hall}/files`, {
    method: 'POST', body, cache: 'no-store', credentials: 'omit',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/octet-stream' },
  });
  if (!res.ok) throw res;
  return ((await res.json()) as { file: string }).file;
}
