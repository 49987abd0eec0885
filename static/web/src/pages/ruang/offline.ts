import { prepare } from '../../qr/reader';

const CACHE = 'betang-ruang-1'; // as in public/ruang-sw.js

/**
 * Makes this page open without a network from now on: its document, and all that it has loaded so far, are put into a
 * cache that a service worker of this page alone answers from. Does nothing where the browser has none (no HTTPS).
 */
export async function keepOffline(): Promise<boolean> {
  if (!('serviceWorker' in navigator) || !('caches' in window)) return false;
  try {
    void navigator.storage?.persist?.(); // what waits is not thrown away when the phone is full
    await navigator.serviceWorker.register('/ruang-sw.js', { scope: location.pathname });
    const cache = await caches.open(CACHE);
    await prepare(); // cards are read without a network too
    const loaded = performance.getEntriesByType('resource').map((r) => r.name);
    const assets = loaded.filter((u) => new URL(u).origin === location.origin && /^\/(assets\/|icon\.svg)/.test(new URL(u).pathname));
    await cache.addAll([...new Set([location.origin + location.pathname, ...assets])]);
    return true;
  } catch {
    return false; // private window, or no network at this very moment: the next visit tries again
  }
}
