// Copies what pdf.js fetches by name: decoders of scanned pages (JBIG2, JPEG 2000) and of colours, as WebAssembly.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';

const from = new URL('../node_modules/pdfjs-dist/wasm/', import.meta.url);
const to = new URL('../../dist/pdf/', import.meta.url);
mkdirSync(to, { recursive: true });
for (const name of readdirSync(from)) {
  if (name.endsWith('.wasm') || name.endsWith('.js') || name.startsWith('LICENSE')) copyFileSync(new URL(name, from), new URL(name, to));
}
