// Keeps a PIC's page opening without a network. Its scope is that one page: nothing else of the site passes here. The
// page itself fills the cache (pages/ruang/offline.ts); here it is only read when the network does not answer.
const CACHE = 'betang-ruang-1';
const PATIENCE_MS = 3000;

addEventListener('install', () => self.skipWaiting());
addEventListener('activate', (e) => e.waitUntil(self.clients.claim()));

addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
  if (e.request.mode === 'navigate') e.respondWith(page(e.request, url.origin + url.pathname));
  else if (url.pathname.startsWith('/assets/') || url.pathname === '/icon.svg') e.respondWith(asset(e.request));
});

/** The network's answer if it comes in time, else the kept one. */
async function page(request, key) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(key);
  const fresh = fetch(request).then((res) => {
    if (res.ok) void cache.put(key, res.clone());
    return res;
  });
  if (!kept) return fresh;
  fresh.catch(() => {});
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS, kept));
  return Promise.race([fresh.catch(() => kept), late]);
}

/** Assets carry a hash of their content in their names: what is kept is right. */
async function asset(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const res = await fetch(request);
  if (res.ok) void cache.put(request.url, res.clone());
  return res;
}
