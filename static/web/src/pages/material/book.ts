import { Refusal } from '../../refusal';
import { w } from './words';

// What is uploaded, as pages that can be drawn: a PDF, or pictures.

export const MAX_PAGES = 300;
export const MAX_BYTES = 50 << 20;
const MAX_PICTURE = 1_500_000; // bytes of one page's picture; the server refuses more
const LARGE = 1920; // pixels of the longer side
const SMALL = 960;

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

const titleOf = (name: string): string => name.replace(/\.[a-z0-9]{1,5}$/i, '').replace(/_/g, ' ').trim().slice(0, 120) || name.slice(0, 120);

/** Opens what was chosen. Throws a Refusal in plain words for what cannot be shown. */
export async function openBook(files: File[]): Promise<Book> {
  const x = w.value;
  const first = files[0];
  if (!first) throw unreadable('empty', x.empty);
  const bytes = files.reduce((n, f) => n + f.size, 0);
  for (const f of files) if (f.size === 0) throw unreadable('empty', x.empty);
  if (bytes > MAX_BYTES) throw unreadable('too_big', x.tooBig(String(Math.ceil(bytes / (1 << 20)))));
  if (files.length > MAX_PAGES) throw unreadable('too_many', x.tooMany(files.length));
  const kinds = await Promise.all(files.map(kindOf));
  if (kinds.every((k) => k === 'image')) return pictureBook(files);
  if (kinds.includes('')) throw unreadable('type', x.wrongType);
  if (files.length > 1) throw unreadable('mixed', x.mixed);
  return (await import('./pdf')).pdfBook(first, titleOf(first.name));
}

/** By how it begins, whatever its name says. */
async function kindOf(f: File): Promise<'pdf' | 'image' | ''> {
  const b = new Uint8Array(await f.slice(0, 16).arrayBuffer());
  const text = String.fromCharCode(...b);
  if (text.startsWith('%PDF-')) return 'pdf';
  if (text.startsWith('\x89PNG') || text.startsWith('\xff\xd8\xff') || (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP')) return 'image';
  return '';
}

function pictureBook(files: File[]): Book {
  const one = files.length === 1 ? (files[0] ?? null) : null;
  return {
    title: titleOf(files[0]?.name ?? ''),
    pages: files.length,
    file: one,
    async draw(page) {
      const file = files[page - 1];
      const url = URL.createObjectURL(file ?? new Blob());
      try {
        const img = new Image();
        img.src = url;
        await img.decode().catch(() => {
          throw unreadable('image', w.value.badImage(file?.name ?? ''));
        });
        const scale = Math.min(1, LARGE / Math.max(img.naturalWidth, img.naturalHeight));
        const canvas = canvasOf(img.naturalWidth * scale, img.naturalHeight * scale);
        paint(canvas, img);
        return () => pictures(canvas);
      } finally {
        URL.revokeObjectURL(url);
      }
    },
    close() {},
  };
}

export function canvasOf(width: number, height: number): HTMLCanvasElement {
  const c = document.createElement('canvas');
  c.width = Math.max(1, Math.round(width));
  c.height = Math.max(1, Math.round(height));
  return c;
}

function paint(to: HTMLCanvasElement, from: CanvasImageSource): void {
  const g = to.getContext('2d');
  if (!g) throw unreadable('canvas', w.value.noReader);
  g.fillStyle = '#fff'; // what is transparent in a picture is paper
  g.fillRect(0, 0, to.width, to.height);
  g.imageSmoothingQuality = 'high';
  g.drawImage(from, 0, 0, to.width, to.height);
}

/** How much a page of so many points is enlarged. */
export const scaleFor = (width: number, height: number): number => LARGE / Math.max(width, height);

/** Both sizes of what is drawn. */
export async function pictures(large: HTMLCanvasElement): Promise<Pictures> {
  const k = SMALL / Math.max(large.width, large.height);
  if (k >= 1) {
    const l = await compress(large);
    return { l, s: l };
  }
  const small = canvasOf(large.width * k, large.height * k);
  paint(small, large);
  const [l, s] = await Promise.all([compress(large), compress(small)]); // browsers compress beside the page's own thread
  return { l, s };
}

/** WebP, or PNG where the browser writes none; smaller or coarser until it fits. */
async function compress(canvas: HTMLCanvasElement): Promise<Blob> {
  for (const quality of [0.86, 0.7, 0.5]) {
    const b = await blobOf(canvas, quality);
    if (b.size <= MAX_PICTURE) return b;
    if (b.type !== 'image/webp') break;
  }
  const next = canvasOf(canvas.width * 0.75, canvas.height * 0.75);
  paint(next, canvas);
  return compress(next);
}

function blobOf(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((b) => (b ? resolve(b) : reject(unreadable('canvas', w.value.noReader))), 'image/webp', quality);
  });
}
