import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../../api';
import { now } from '../../time';
import type * as wire from '../../wire.gen';

export interface EventRow {
  event: wire.Event;
  counts: wire.Counts;
  attended: number;
}

/** One person's line; the figures are explained in signaling/api. */
export interface Row {
  no: number;
  person: string;
  name: string;
  nip: string;
  grade: string;
  position: string;
  unit: string;
  instansi: string;
  region: string;
  in: string; // RFC 3339; "" for never
  out: string;
  seconds: number; // credited
  percent: number;
  method: string;
  jp: number;
  meets: boolean;
  verified: boolean;
  socket: number; // seconds of each class of evidence
  delivered: number;
  decoded: number;
  now: boolean;
  checksAnswered: number; // of "Masih menyimak?"
  checksMissed: number;
  checksExcused: number;
  bridged: number; // of the credited seconds, those of short gaps
  intervals: { from: string; to: string }[]; // of credited presence, RFC 3339
}

/** Sums over everyone of the event, whatever is filtered. */
export interface Summary {
  attended: number;
  now: number;
  meets: number;
  percent: number; // mean, rounded down
  jp: number; // sum
}

export interface Sheet {
  total: number; // that match the filters
  page: number;
  size: number;
  live: number; // seconds
  rows: Row[];
  summary: Summary;
}

export interface Query {
  q: string;
  region: string;
  page: number;
  size: number;
}

export const getEvents = (token: string, signal: AbortSignal): Promise<EventRow[]> =>
  api('GET', '/api/bpsdm/events', { token, signal });

/** The query travels in the body: what is searched for may be a NIP, and addresses end in logs. */
export const getSheet = (token: string, event: string, query: Query, signal: AbortSignal): Promise<Sheet> =>
  api('POST', `${pathOf(event)}/attendance`, { token, body: query, signal });

export const pathOf = (event: string): string => `/api/bpsdm/events/${encodeURIComponent(event)}`;

export interface Loaded<T> {
  data: T | null;
  /** why the last try failed; null after one that worked */
  error: unknown;
  busy: boolean;
  at: number; // server time of data, Unix ms
  again: () => void;
}

/**
 * Loads by key, and again every(data) milliseconds while the page is in front (0: never). What is shown stays while
 * newer data is on its way; a failed refresh keeps it and says so. An answer overtaken by another key is dropped.
 */
export function useLoaded<T>(
  key: string,
  every: (data: T | null) => number,
  load: (s: AbortSignal) => Promise<T>,
): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; error: unknown; at: number }>({ data: null, error: null, at: 0 });
  const [busy, setBusy] = useState(true);
  const [round, setRound] = useState(0);
  const loadRef = useRef(load);
  loadRef.current = load;

  useEffect(() => {
    const abort = new AbortController();
    setBusy(true);
    loadRef.current(abort.signal).then(
      (data) => {
        if (abort.signal.aborted) return;
        setState({ data, error: null, at: now() });
        setBusy(false);
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState((old) => ({ ...old, error }));
        setBusy(false);
      },
    );
    return () => abort.abort();
  }, [key, round]);

  const everyMs = every(state.data);
  useEffect(() => {
    if (!everyMs || busy) return;
    const next = () => document.visibilityState === 'visible' && setRound((n) => n + 1);
    const timer = setTimeout(next, everyMs);
    document.addEventListener('visibilitychange', next);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', next);
    };
  }, [everyMs, busy]);

  return { ...state, busy, again: () => setRound((n) => n + 1) };
}
