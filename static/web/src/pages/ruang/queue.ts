import { signal } from '@preact/signals';
import { randomName } from '../../device';
import { sentence } from '../../i18n';
import { Refusal } from '../../refusal';
import { peek } from '../../token';
import { sendFile, sendMarks, type Result } from './data';
import * as idb from './idb';

/**
 * A mark as the phone took it. It is on disk before anything is shown, and leaves the disk when the server has it, or when
 * its PIC throws away what the server refused. It carries the right to be sent, so that it outlives a sign-out.
 */
export interface Queued {
  entry: string;
  event: string;
  hall: string;
  token: string; // of the PIC who took it
  person: string;
  nip: string;
  code: string;
  name: string; // for the eye
  out: boolean;
  at: number; // by this phone's clock
  how: 'list' | 'card' | 'paper';
  reason: string;
  file: string;
  refused: string; // the server's reason; "": not sent yet
}

const BATCH = 100; // of the 200 that the server takes
const EVERY_MS = 5000;

/** What the phone holds of this event, oldest first. */
export const queue = signal<Queued[]>([]);
/** What this page took, the newest first: of marks that are no longer in the queue, the server has them. */
export const taken = signal<{ entry: string; hall: string; name: string; out: boolean; at: number; how: string }[]>([]);
const TAKEN = 8;
/** Did the last try reach the server? */
export const online = signal(true);
/** Why the server would not take what waits, in a sentence; "": it did, or was not reached. */
export const held = signal('');
/** This browser keeps nothing over a closed tab (a private window): what waits lives as long as the page. */
export const fragile = signal(false);

export const waiting = (): Queued[] => queue.value.filter((q) => !q.refused);

/** Sends the queue of one event whenever it can, from start() until stop(); token "" for a phone that nobody is signed in on. */
export class Sender {
  #timer = 0;
  #busy = false;
  onSent: (r: Result[]) => void = () => {};

  constructor(
    private readonly event: string,
    private readonly token: string,
  ) {}

  async start(): Promise<void> {
    try {
      const all = await idb.all<Queued>('queue');
      const more = queue.value.filter((q) => q.event === this.event && !all.some((k) => k.entry === q.entry)); // not on disk
      queue.value = [...all.filter((q) => q.event === this.event), ...more].sort((a, b) => a.at - b.at);
    } catch {
      fragile.value = true;
    }
    addEventListener('online', this.#now);
    addEventListener('beforeunload', this.#warn);
    document.addEventListener('visibilitychange', this.#now); // also when the page is left: it may not come back
    this.#timer = window.setInterval(this.#now, EVERY_MS);
    await this.flush();
  }

  stop(): void {
    clearInterval(this.#timer);
    removeEventListener('online', this.#now);
    removeEventListener('beforeunload', this.#warn);
    document.removeEventListener('visibilitychange', this.#now);
  }

  /** Takes a mark: when it returns, a closed tab loses nothing, unless fragile says so. */
  async add(m: Omit<Queued, 'entry' | 'event' | 'token' | 'at' | 'refused'> & { at?: number }): Promise<void> {
    const q: Queued = { at: Date.now(), ...m, entry: randomName(), event: this.event, token: this.token, refused: '' };
    await this.#keep(q);
    queue.value = [...queue.value, q];
    taken.value = [q, ...taken.value].slice(0, TAKEN);
    void this.flush();
  }

  /** Keeps a sheet's picture and gives its name, which the server will give too: the SHA-256. Throws where nothing is kept. */
  async addFile(hall: string, body: Blob): Promise<string> {
    const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', await body.arrayBuffer()));
    const name = Array.from(sum, (b) => b.toString(16).padStart(2, '0')).join('');
    await idb.put('files', name, { event: this.event, hall, name, body });
    return name;
  }

  /** Takes back a mark that is not sent yet: a wrong tap. One that is on its way is withdrawn with a reason, when it shows. */
  async undo(entry: string): Promise<void> {
    await this.forget(entry);
    taken.value = taken.value.filter((t) => t.entry !== entry);
  }

  /** Drops a mark that the server has, or will not have. */
  async forget(entry: string): Promise<void> {
    await idb.drop('queue', entry).catch(() => {}); // it stays on disk: sent once more, the server knows it
    queue.value = queue.value.filter((q) => q.entry !== entry);
  }

  #now = (): void => void this.flush();

  #warn = (e: BeforeUnloadEvent): void => {
    if (fragile.value && waiting().length > 0) e.preventDefault();
  };

  async #keep(q: Queued): Promise<void> {
    try {
      await idb.put('queue', q.entry, q);
    } catch {
      fragile.value = true;
    }
  }

  /** Sends what waits. Sending twice does no harm: the server knows each mark by its name. */
  async flush(): Promise<void> {
    if (this.#busy || waiting().length === 0) return;
    this.#busy = true;
    try {
      const why = new Set<string>();
      const later = await this.#files(why);
      for (;;) {
        const next = waiting().filter((q) => !later.has(q.entry));
        const first = next[0];
        if (!first) break;
        const part = next.filter((q) => q.hall === first.hall && q.token === first.token).slice(0, BATCH);
        for (const q of await this.#send(first, part, why)) later.add(q.entry);
      }
      held.value = [...why].join(' ');
      online.value = true;
    } catch (e) {
      online.value = !(e instanceof TypeError || (e instanceof Refusal && e.kind === 'Offline'));
    } finally {
      this.#busy = false;
    }
  }

  /** The marks' own right first, then that of the same PIC's newer sign-in: a link lives 30 days. */
  async #by<T>(token: string, f: (token: string) => Promise<T>): Promise<T> {
    const mine = token || this.token;
    try {
      return await f(mine);
    } catch (e) {
      const refused = e instanceof Response ? e.status === 401 || e.status === 403 : e instanceof Refusal && e.kind === 'NotAllowed';
      if (!refused || this.token === mine || !peek(this.token).id || peek(this.token).id !== peek(mine).id) throw e;
      return f(this.token);
    }
  }

  /** Uploads pictures that marks name; gives the entries of those that the server would not take now. */
  async #files(why: Set<string>): Promise<Set<string>> {
    const later = new Set<string>();
    for (const name of new Set(waiting().map((q) => q.file).filter(Boolean))) {
      const f = await idb.get<{ hall: string; body: Blob }>('files', name);
      if (!f) continue; // it is there already
      const of = waiting().filter((q) => q.file === name);
      try {
        await this.#by(of[0]?.token ?? '', (token) => sendFile(this.event, token, f.hall, f.body));
        await idb.drop('files', name);
      } catch (e) {
        if (!(e instanceof Response)) throw e;
        const said = ((await e.json().catch(() => null)) as { message?: string } | null)?.message ?? String(e.status);
        const final = e.status < 500 && ![401, 403, 408, 429].includes(e.status);
        for (const q of of) {
          if (final) await this.#refuse(q, said);
          else later.add(q.entry);
        }
        if (!final) why.add(said);
      }
    }
    return later;
  }

  /** Sends marks of one hall; gives those that stay for a later try. Throws when the server is not reached. */
  async #send(first: Queued, part: Queued[], why: Set<string>): Promise<Queued[]> {
    const marks = part.map(({ entry, person, nip, code, out, at, how, reason, file }) => ({ entry, person, nip, code, out, at, how, reason, file }));
    let results: Result[];
    try {
      results = await this.#by(first.token, (token) => sendMarks(this.event, token, first.hall, { sent: Date.now(), marks }));
    } catch (e) {
      if (!(e instanceof Refusal) || e.kind === 'Offline') throw e;
      why.add(sentence(e));
      return part;
    }
    const later: Queued[] = [];
    for (const q of part) {
      const r = results.find((x) => x.entry === q.entry);
      if (r?.name) taken.value = taken.value.map((t) => (t.entry === q.entry ? { ...t, name: r.name } : t)); // a card's is known now
      if (r?.ok) await this.forget(q.entry);
      else if (!r || r.retry) later.push(q);
      else await this.#refuse({ ...q, name: q.name || r.name }, r.message);
    }
    this.onSent(results);
    return later;
  }

  async #refuse(q: Queued, why: string): Promise<void> {
    const refused = { ...q, refused: why };
    await this.#keep(refused);
    queue.value = queue.value.map((x) => (x.entry === q.entry ? refused : x));
  }
}
