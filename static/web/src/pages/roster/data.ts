import { api, download } from '../../api';
import { lang } from '../../i18n';
import { Refusal } from '../../refusal';
import type * as wire from '../../wire.gen';

/** How far the server is with a list; the figures are explained in signaling/api/roster.go. */
export interface Step {
  step: 'read' | 'compare' | 'save';
  done: number;
  total: number;
}

export interface Problem {
  sheet: string;
  row: number;
  code: string;
  message: string;
  other?: number;
  cells: string[];
}

export interface Sample {
  row: number;
  state: 'new' | 'changed' | 'same';
  nip: string;
  front: string;
  name: string;
  back: string;
  kind: string;
  grade: string;
  position: string;
  unit: string;
  instansi: string;
  region: string;
  warn: string[];
}

export interface Result {
  result: 'preview' | 'saved' | 'failed';
  digest: string;
  tables: { name: string; header: number; rows: number; columns: { field: string; header: string }[]; refused: string[] }[];
  people: number;
  new: number;
  changed: number;
  same: number;
  doubles: number;
  refused: number;
  problems: Problem[];
  warnings: { code: string; message: string; n: number }[];
  samples: Sample[];
  message?: string;
  code?: string;
}

export interface Unit {
  name: string;
  people: number;
  coded: number;
}

export interface Code {
  name: string;
  nip: string; // masked
  unit: string;
  code: string;
}

const at = (event: string): string => `/api/bpsdm/events/${encodeURIComponent(event)}/roster`;

/**
 * Sends a list: without digest only to see what it would do, with the digest of that preview to take it in. The server
 * answers with a line of JSON for each step and one for the result. Throws Refusal.
 */
export async function sendList(
  token: string,
  event: string,
  file: Blob,
  digest: string,
  onStep: (s: Step) => void,
): Promise<Result> {
  const res = await post(token, at(event) + (digest ? `?save=${digest}` : ''), file);
  const reader = res.body?.getReader();
  if (!reader) throw new Refusal('Internal', 'no_stream', '');
  const decoder = new TextDecoder();
  let rest = '';
  let result: Result | null = null;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const v = JSON.parse(line) as Step | Result;
        if ('result' in v) result = v;
        else onStep(v);
      }
      if (done) break;
    }
  } catch {
    throw new Refusal('Offline', 'lost', '');
  }
  if (!result) throw new Refusal('Offline', 'lost', '');
  if (result.result === 'failed') throw new Refusal('Invalid', result.code ?? '', result.message ?? '');
  return result;
}

/** The workbook of the rows that cannot be taken, made from the same file. */
export async function problemsFile(token: string, event: string, file: Blob): Promise<Blob> {
  return (await post(token, `${at(event)}/problems.xlsx`, file)).blob();
}

async function post(token: string, path: string, body: Blob): Promise<Response> {
  let res: Response;
  try {
    res = await fetch(path, {
      method: 'POST',
      cache: 'no-store',
      credentials: 'omit',
      headers: {
        Authorization: `Bearer ${token}`,
        'Accept-Language': lang.value,
        'Content-Type': 'application/octet-stream',
      },
      body,
    });
  } catch {
    throw new Refusal('Offline', 'offline', '');
  }
  if (res.ok) return res;
  const e = (await res.json().catch(() => null)) as Partial<wire.Error> | null;
  throw new Refusal(e?.kind ?? 'Internal', e?.code ?? `http_${res.status}`, e?.message ?? '');
}

export const getUnits = (token: string, event: string): Promise<Unit[]> => api('GET', `${at(event)}/units`, { token });

export const makeCodes = (
  token: string,
  event: string,
  body: { unit?: string; all?: boolean; renew?: boolean },
): Promise<Code[]> => api('POST', `${at(event)}/codes`, { token, body });

const SLIPS = 2000; // the server's most in a file

/** The codes as slips to cut out, in as many files as it takes. */
export async function downloadSlips(token: string, event: string, codes: Code[]): Promise<void> {
  for (let i = 0; i < codes.length; i += SLIPS) {
    await download(`${at(event)}/codes.pdf`, token, `kode-masuk-${event}.pdf`, { codes: codes.slice(i, i + SLIPS) });
  }
}
