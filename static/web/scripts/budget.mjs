// Fails when what a viewer, or a phone in a Ruang Bersama, downloads on the first visit exceeds the budget: the document
// and every script, style and image of its pages, gzipped (brotli is smaller still).
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const BUDGET = 100_000; // bytes on the wire
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8'));

let files = new Set();
let seen = new Set();
function add(key, later) {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return;
  seen.add(key);
  for (const f of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(f);
  for (const k of chunk.imports ?? []) add(k, later);
  if (later && key !== 'index.html') for (const k of chunk.dynamicImports ?? []) add(k, later); // index.html has every page there
}
function weigh(what, pages, later = false) {
  files = new Set(['index.html', 'icon.svg']);
  seen = new Set();
  for (const key of ['index.html', ...pages]) {
    if (!manifest[key]) throw new Error(`no chunk for ${key}`);
    add(key, later);
  }
  let total = 0;
  for (const f of [...files].sort()) {
    const path = join(dist, f);
    const n = statSync(existsSync(path + '.gz') ? path + '.gz' : path).size;
    total += n;
    console.log(`${String(n).padStart(8)}  ${f}`);
  }
  console.log(`${String(total).padStart(8)}  ${what}, gzipped; budget ${BUDGET}`);
  if (total > BUDGET) process.exit(1);
}
// With the camera and the decoder, which only phones whose own camera reads no codes fetch.
weigh('page of a phone in a Ruang Bersama', ['src/pages/pindai/index.tsx'], true);
weigh('first page of a viewer', ['src/pages/join/index.tsx', 'src/pages/viewer/index.tsx']);
