import { signal } from '@preact/signals';
import { randomName } from '../../device';
import { Refusal } from '../../refusal';
import { sendFile, sendMarks, type Result } from './data';
import * as idb from './idb';

/** A mark as the phone took it. It is on disk before anything is shown, and leaves the disk when the server has it. */
export interface Queued {
  entry: string;
  event: string;
  hall: string;
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
/** Did the last try reach the server? */
export const online = signal(true);

export const waiting = (): Queued[] => queue.value.filter((q) => !q.refused);

/** Sends the queue of one event whenever it can, from the time it is made until stop(). */
export class Sender {
  #timer = 0;
  #busy = false;
  onSent: (r: Result[]) => void = () => {};

  constructor(
    private readonly event: string,
    private readonly token: string,
  ) {}

  async start(): Promise<void> {
    const all = await idb.all<Queued>('queue');
    queue.value = all.filter((q) => q.event === this.event).sort((a, b) => a.at - b.at);
    addEventListener('online', this.#now);
    document.addEventListener('visibilitychange', this.#now);
    this.#timer = window.setInterval(this.#now, EVERY_MS);
    void this.flush();
  }

  stop(): void {
    clearInterval(this.#timer);
    removeEventListener('online', this.#now);
    document.removeEventListener('visibilitychange', this.#now);
  }

  /** Takes a mark: when it returns, a closed tab loses nothing. */
  async add(m: Omit<Queued, 'entry' | 'event' | 'at' | 'refused'> & { at?: number }): Promise<void> {
    const q: Queued = { at: Date.now(), ...m, entry: randomName(), event: this.event, refused: '' };
    await idb.put('queue', q.entry, q);
    queue.value = [...queue.value, q];
    void this.flush();
  }

  /** Keeps a sheet's picture and gives its name, which the server will give too: the SHA-256. */
  async addFile(hall: string, body: Blob): Promise<string> {
    const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', await body.arrayBuffer()));
    const name = Array.from(sum, (b) => b.toString(16).padStart(2, '0')).join('');
    await idb.put('files', name, { event: this.event, hall, name, body });
    return name;
  }

  /** Forgets a refused mark. */
  async forget(entry: string): Promise<void> {
    await idb.drop('queue', entry);
    queue.value = queue.value.filter((q) => q.entry !== entry);
  }

  #now = (): void => {
    if (document.visibilityState === 'visible') void this.flush();
  };

  /** Sends what waits. Sending twice does no harm: the server knows each mark by its name. */
  async flush(): Promise<void> {
    if (this.#busy || waiting().length === 0) return;
    this.#busy = true;
    try {
      const lost = await this.#files();
      while (waiting().length > 0) {
        const first = waiting().find((q) => !lost.has(q.file));
        if (!first) break;
        const part = waiting().filter((q) => q.hall === first.hall && !lost.has(q.file)).slice(0, BATCH);
        if (!(await this.#send(first.hall, part))) break;
      }
      online.value = true;
    } catch (e) {
      online.value = !(e instanceof TypeError || (e instanceof Refusal && e.kind === 'Offline'));
    } finally {
      this.#busy = false;
    }
  }

  /** Uploads pictures that marks name; gives those that the server would not take now. */
  async #files(): Promise<Set<string>> {
    const lost = new Set<string>();
    for (const name of new Set(waiting().map((q) => q.file).filter(Boolean))) {
      const f = await idb.get<{ hall: string; body: Blob }>('files', name);
      if (!f) continue; // it is there already
      try {
        await sendFile(this.event, this.token, f.hall, f.body);
        await idb.drop('files', name);
      } catch (e) {
        if (!(e instanceof Response)) throw e;
        const why = ((await e.json().catch(() => null)) as { message?: string } | null)?.message ?? '';
        lost.add(name);
        if (e.status < 500 && e.status !== 429) {
          for (const q of waiting().filter((w) => w.file === name)) await this.#refuse(q, why || String(e.status));
        }
      }
    }
    return lost;
  }

  async #send(hall: string, part: Queued[]): Promise<boolean> {
    const marks = part.map(({ entry, person, nip, code, out, at, how, reason, file }) => ({ entry, person, nip, code, out, at, how, reason, file }));
    const results = await sendMarks(this.event, this.token, hall, { sent: Date.now(), marks });
    let moved = false;
    for (const r of results) {
      const q = part.find((x) => x.entry === r.entry);
      if (!q || r.retry) continue;
      moved = true;
      if (r.ok) await this.forget(q.entry);
      else await this.#refuse({ ...q, name: q.name || r.name }, r.message);
    }
    this.onSent(results);
    return moved;
  }

  async #refuse(q: Queued, why: string): Promise<void> {
    const refused = { ...q, refused: why };
    await idb.put('queue', q.entry, refused);
    queue.value = queue.value.map((x) => (x.entry === q.entry ? refused : x));
  }
}
