import { getDocument, PDFWorker } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { MAX_PAGES, unreadable, type Book } from './book';
import { canvasOf, pictures, scaleFor } from './canvas';
import { w } from './words';

// PDF, read by pdf.js in the presenter's browser and nowhere else: a file that means harm meets its sandbox, not the server.

export async function pdfBook(file: File, title: string): Promise<Book> {
  const port = new Worker(new URL('./pdf.worker.ts', import.meta.url), { type: 'module' });
  const lost = new Promise<never>((_, reject) => {
    port.addEventListener('error', () => reject(unreadable('reader', w.value.noReader)));
  });
  const worker = PDFWorker.create({ port });
  const task = getDocument({
    data: new Uint8Array(await file.arrayBuffer()),
    worker,
    wasmUrl: '/pdf/', // decoders of scanned pages
    enableXfa: false,
    stopAtErrors: false,
  });
  const close = () => {
    void task.destroy();
    worker.destroy();
    port.terminate();
  };
  try {
    const doc = await Promise.race([task.promise, lost]);
    if (doc.numPages > MAX_PAGES) throw unreadable('too_many', w.value.tooMany(doc.numPages));
    return {
      title,
      pages: doc.numPages,
      file,
      async draw(n) {
        try {
          const page = await Promise.race([doc.getPage(n), lost]);
          const natural = page.getViewport({ scale: 1 });
          const viewport = page.getViewport({ scale: scaleFor(natural.width, natural.height) });
          const canvas = canvasOf(viewport.width, viewport.height);
          await Promise.race([page.render({ canvas, viewport, background: '#fff' }).promise, lost]);
          page.cleanup();
          return () => pictures(canvas);
        } catch {
          throw unreadable('page', w.value.badPage(n));
        }
      },
      close,
    };
  } catch (e) {
    close();
    const name = e instanceof Error ? e.name : '';
    if (name === 'PasswordException') throw unreadable('encrypted', w.value.encrypted);
    if (name === 'InvalidPDFException' || name === 'FormatError' || name === 'UnknownErrorException') throw unreadable('broken', w.value.broken);
    throw e;
  }
}
