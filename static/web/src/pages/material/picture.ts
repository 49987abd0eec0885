import { signal, type Signal } from '@preact/signals';
import { at } from '../../node';
import type { Deck } from '../../wire.gen';

// Pictures of pages: which of the two sizes, fetched before they are shown, and shown only when they are whole.

export type Size = 'l' | 's';

export const urlOf = (deck: Deck, page: number, size: Size): string => at(`/m/${deck.token}/${page}/${size}`);

/** Small screens, and devices that save, get the small picture; who zooms in gets the large one. */
export function sizeFor(saving: boolean, zoom: number): Size {
  if (zoom > 1) return 'l';
  return saving || Math.max(screen.width, screen.height) * Math.min(devicePixelRatio, 1.5) <= 1100 ? 's' : 'l';
}

export interface Picture {
  url: string;
  width: number;
  height: number;
}

const RETRY_MS = 2000;

/** The picture to be shown now. A new one takes the place of the old only when it is decoded, so that nothing flickers. */
export class Showing {
  readonly now: Signal<Picture | null> = signal(null);
  /** The wanted one is on its way and the old one still stands. */
  readonly waiting = signal(false);
  #want = '';
  #timer = 0;

  show(url: string): void {
    if (url === this.#want) return;
    this.#want = url;
    this.#load();
  }

  stop(): void {
    this.#want = '';
    clearTimeout(this.#timer);
  }

  #load(): void {
    clearTimeout(this.#timer);
    const url = this.#want;
    const img = new Image();
    img.src = url;
    this.waiting.value = true;
    const done = () => {
      if (this.#want !== url) return;
      this.waiting.value = false;
      this.now.value = { url, width: img.naturalWidth || 16, height: img.naturalHeight || 9 };
    };
    img.decode().then(done, () => {
      if (this.#want === url) this.#timer = window.setTimeout(() => this.#load(), RETRY_MS);
    });
  }
}

const AHEAD = 2;
const SPREAD_MS = 3000; // thousands of viewers do not ask in the same instant

/** Fetches the next pages into the browser's cache. Gives the way to call it off. */
export function prefetch(deck: Deck, page: number, size: Size, ahead = AHEAD): () => void {
  const timers: number[] = [];
  for (let i = 1; i <= ahead && page + i <= deck.pages; i++) {
    timers.push(window.setTimeout(() => {
      new Image().src = urlOf(deck, page + i, size);
    }, (i - 1) * SPREAD_MS + Math.random() * SPREAD_MS));
  }
  return () => timers.forEach((t) => clearTimeout(t));
}
