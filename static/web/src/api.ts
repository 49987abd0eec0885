import { deviceName } from './device';
import { lang } from './i18n';
import { at } from './node';
import { Refusal } from './refusal';
import type * as wire from './wire.gen';

interface Options {
  token?: string;
  body?: unknown;
  bytes?: Blob | undefined; // sent as they are
  signal?: AbortSignal;
}

/** Calls the server's JSON API. Throws Refusal. */
export async function api<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, o: Options = {}): Promise<T> {
  const res = await call(method, path, o);
  return (await res.json()) as T;
}

/** Fetches a file, with a body by POST; the token cannot ride in an address, so a plain link would not do. Throws Refusal. */
export async function download(path: string, token: string, fallbackName: string, body?: unknown): Promise<void> {
  const res = await call(body === undefined ? 'GET' : 'POST', path, { token, body });
  const name = /filename="?([^";]+)"?/.exec(res.headers.get('Content-Disposition') ?? '')?.[1] ?? fallbackName;
  const url = URL.createObjectURL(await res.blob());
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

async function call(method: string, path: string, o: Options): Promise<Response> {
  const headers: Record<string, string> = { 'Accept-Language': lang.value };
  if (o.token) headers['Authorization'] = `Bearer ${o.token}`;
  const init: RequestInit = { method, headers, cache: 'no-store', credentials: 'omit' };
  if (o.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(o.body);
  }
  if (o.bytes) {
    headers['Content-Type'] = 'application/octet-stream';
    init.body = o.bytes;
  }
  if (o.signal) init.signal = o.signal;
  let res: Response;
  try {
    res = await fetch(at(path), init);
  } catch (e) {
    if (o.signal?.aborted) throw e;
    throw new Refusal('Offline', 'offline', '');
  }
  if (res.ok) return res;
  const e = (await res.json().catch(() => null)) as Partial<wire.Error> | null;
  throw new Refusal(e?.kind ?? kindOf(res.status), e?.code ?? `http_${res.status}`, e?.message ?? '');
}

function kindOf(status: number): string {
  if (status === 401 || status === 403) return 'NotAllowed';
  if (status === 404) return 'NotFound';
  if (status === 409) return 'Conflict';
  if (status === 429) return 'TooMany';
  return status >= 500 ? 'Internal' : 'Invalid';
}

export interface EventCard extends wire.Event {
  notice?: { unit: string; contact: string };
  now?: number;
}
export interface Identity {
  name: string; // masked
  nip: string; // masked
  unit: string;
  region: string; // its name
  verified: boolean;
  ticket: string;
}
export interface Joined {
  token: string;
  role: string;
}
export interface Region {
  code: string;
  name: string;
}
export interface Newcomer {
  nip: string;
  name: string;
  unit: string;
  region: string;
}

export interface Stretch {
  from: string; // RFC 3339
  to: string;
}
/** A stretch of the event that was not credited. */
export interface Gap extends Stretch {
  why: 'before' | 'after' | 'absent' | 'unearned' | 'ceremony' | 'voided' | 'paused';
  seen: boolean;
}
/** One person's credit; see signaling/api/mine.go. */
export interface Own {
  seconds: number;
  live: number;
  counted: number;
  percent: number;
  meets: boolean;
  jp: number;
  bridged: number;
  corrected: number;
  intervals: Stretch[];
  gaps: Gap[];
  answered: number;
  missed: number;
  excused: number;
  explained: string[];
}
export interface Decision extends Stretch {
  granted: boolean;
  void?: boolean; // the stretch was taken off
  reason: string;
  who: string;
  at: string;
}
/** A request for a correction, with all decisions; the last one counts. */
export interface Correction extends Stretch {
  id: string;
  desk?: boolean; // begun by the desk: nobody asked, and reason is ""
  reason: string;
  at: string;
  decisions: Decision[];
}
/** A ratified list. */
export interface Ratified {
  number: string;
  revision: number;
  at: string;
  by: string;
  reason: string;
  order: string;
  people: number;
  hash: string;
  key: string;
  page: string;
  void?: { at: string; who: string; reason: string }; // it was taken back
}
export interface MyAttendance {
  event: wire.Event;
  now: number;
  own: Own;
  year: { year: number; jp: number; least: number; most: number; kind: string };
  list: (Ratified & { no: number; jp: number; percent: number; seconds: number; meets: boolean; link: string }) | null;
  requests: Correction[];
}

const pathOf = (event: string): string => `/api/events/${encodeURIComponent(event)}`;

export const getEvent = (event: string): Promise<EventCard> => api('GET', pathOf(event));
export const getRegions = (): Promise<Region[]> => api('GET', '/api/regions');
export const identify = (event: string, token: string, who: { nip?: string; code?: string }): Promise<Identity> =>
  api('POST', `${pathOf(event)}/identify`, { token, body: who });
export const join = (
  event: string,
  token: string,
  as: { ticket: string } | { guest: true; name: string } | Newcomer,
): Promise<Joined> => api('POST', `${pathOf(event)}/join`, { token, body: { ...as, device: deviceName() } });

export const getMine = (event: string, token: string, signal: AbortSignal): Promise<MyAttendance> =>
  api('GET', `${pathOf(event)}/mine`, { token, signal });
export const contest = (
  event: string,
  token: string,
  body: { from: number; to: number; reason: string },
): Promise<Correction[]> => api('POST', `${pathOf(event)}/mine/corrections`, { token, body });
export const downloadProof = (event: string, token: string): Promise<void> =>
  download(`${pathOf(event)}/mine/proof.json`, token, `bukti-kehadiran-${event}.json`);
