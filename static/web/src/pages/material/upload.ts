import { signal } from '@preact/signals';
import { api } from '../../api';
import { sentence } from '../../i18n';
import { Refusal } from '../../refusal';
import { unreadable, type Book } from './book';
import { openBook } from './choose';
import { w } from './words';

const PIECE = 1 << 20;
const FLYING = 2; // a page's WebP costs a core 0.25 s; compressing uses the others while one draws
const RETRY_MS = [1000, 2000, 4000, 8000];

interface Lacks {
  deck: string;
  pages: string[]; // "1/l"
  pieces: number[];
}

export type Step = 'reading' | 'pages' | 'file' | 'failed' | 'done';

/**
 * One file on its way in. What has arrived is not sent again: not after a cut, which it outlasts by itself, and not when the
 * same file is chosen again after a reload.
 */
export class Upload {
  readonly step = signal<Step>('reading');
  readonly page = signal(0);
  readonly pages = signal(0);
  readonly part = signal(0); // of all that has to be sent, 0 to 1
  readonly away = signal(false);
  readonly error = signal('');
  title: string;
  #book: Book | null = null;
  #digest = '';
  #deck = '';
  #stop = new AbortController();
  readonly #at: string;

  constructor(event: string, private readonly token: string, private readonly files: File[]) {
    this.#at = `/api/events/${encodeURIComponent(event)}/decks`;
    this.title = files[0]?.name ?? '';
  }

  /** Runs until all is there, it failed, or it was given up. It throws nothing. */
  async run(): Promise<void> {
    this.#stop = new AbortController();
    this.error.value = '';
    this.step.value = 'reading';
    try {
      this.#book ??= await openBook(this.files);
      this.title = this.#book.title;
      this.pages.value = this.#book.pages;
      this.#digest ||= await digest(this.files);
      await this.#send(this.#book);
      this.step.value = 'done';
      this.#book.close();
    } catch (e) {
      if (this.#stop.signal.aborted) return;
      this.error.value = e instanceof Refusal ? sentence(e) : w.value.noReader;
      this.step.value = 'failed';
    }
  }

  /** Another run may help: what failed is not the file itself. */
  get again(): boolean {
    return this.#book !== null;
  }

  cancel(): void {
    this.#stop.abort();
    this.#book?.close();
    if (this.#deck) void api('DELETE', `${this.#at}/${this.#deck}`, { token: this.token }).catch(() => {});
  }

  async #send(book: Book): Promise<void> {
    const lacks = await this.#ask<Lacks>('POST', '', {
      title: book.title, pages: book.pages, bytes: book.file?.size ?? 0, file: this.#digest,
    });
    this.#deck = lacks.deck;
    const want = new Set(lacks.pages);
    const all = book.pages * 2 + Math.ceil((book.file?.size ?? 0) / PIECE);
    let left = want.size + lacks.pieces.length;
    const sent = () => (this.part.value = 1 - --left / all);
    this.part.value = 1 - left / all;
    this.step.value = 'pages';
    const flying: Promise<void>[] = []; // pages that are compressed and sent while the next is drawn
    for (let n = 1; n <= book.pages; n++) {
      if (!want.has(`${n}/l`) && !want.has(`${n}/s`)) continue;
      this.page.value = n;
      const drawn = await book.draw(n);
      if (flying.length >= FLYING) await flying.shift();
      this.#stop.signal.throwIfAborted();
      const sending = (async () => {
        const pictures = await drawn();
        await Promise.all((['l', 's'] as const).map(async (size) => {
          if (!want.has(`${n}/${size}`)) return;
          await this.#put(`/pages/${n}/${size}`, pictures[size]);
          sent();
        }));
      })();
      sending.catch(() => {}); // seen when it is waited for
      flying.push(sending);
    }
    await Promise.all(flying);
    this.step.value = 'file';
    for (const n of lacks.pieces) {
      if (book.file) await this.#put(`/pieces/${n}`, book.file.slice(n * PIECE, (n + 1) * PIECE));
      sent();
    }
    await this.#ask('POST', `/${this.#deck}/finish`);
  }

  #put(path: string, bytes: Blob): Promise<unknown> {
    return this.#ask('PUT', `/${this.#deck}${path}`, undefined, bytes);
  }

  /** Asks until there is an answer: a network that is away for minutes costs minutes, not the upload. */
  async #ask<T>(method: 'POST' | 'PUT', path: string, body?: unknown, bytes?: Blob): Promise<T> {
    for (let i = 0; ; i++) {
      try {
        const got = await api<T>(method, this.#at + path, { token: this.token, body, bytes, signal: this.#stop.signal });
        this.away.value = false;
        return got;
      } catch (e) {
        const passes = e instanceof Refusal && (e.kind === 'Offline' || e.kind === 'TooMany' || (e.kind === 'Internal' && i < RETRY_MS.length));
        if (!passes || this.#stop.signal.aborted) throw e;
        this.away.value = e.kind === 'Offline';
        await new Promise((wake) => setTimeout(wake, RETRY_MS[Math.min(i, RETRY_MS.length - 1)]));
        this.#stop.signal.throwIfAborted();
      }
    }
  }
}

/** SHA-256 of a file; of several, over theirs. */
async function digest(files: File[]): Promise<string> {
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (!subtle) throw unreadable('insecure', w.value.noReader);
  const sums: Uint8Array[] = [];
  for (const f of files) sums.push(new Uint8Array(await subtle.digest('SHA-256', await f.arrayBuffer())));
  const sum = sums.length === 1 ? sums[0] : new Uint8Array(await subtle.digest('SHA-256', await new Blob(sums as BlobPart[]).arrayBuffer()));
  return [...(sum ?? [])].map((b) => b.toString(16).padStart(2, '0')).join('');
}
