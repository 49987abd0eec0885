import { MAX_BYTES, MAX_PAGES, unreadable, type Book } from './book';
import { canvasOf, paint, pictures, scaleFor } from './canvas';
import { w } from './words';

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
        const scale = Math.min(1, scaleFor(img.naturalWidth, img.naturalHeight));
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
