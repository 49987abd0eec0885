import { Refusal } from '../../refusal';

// A book: what is uploaded, as pages that can be drawn.

export const MAX_PAGES = 300;
export const MAX_BYTES = 50 << 20;

/** The pictures of one page: large and small. */
export interface Pictures {
  l: Blob;
  s: Blob;
}

export interface Book {
  title: string;
  pages: number;
  file: File | null; // as it is kept for download
  /** Draws a page; its pictures may be made while the next one is drawn. */
  draw(page: number): Promise<() => Promise<Pictures>>;
  close(): void;
}

export const unreadable = (code: string, text: string): Refusal => new Refusal('Invalid', code, text);
