// The moments at which a connection may have died without a word: the network came back or is another one (WiFi to mobile
// data), the page was thawed or shown again.

interface Connection extends EventTarget {
  readonly type?: string;
}

/** Calls back at each of them; returns the end of it. */
export function onNetworkDoubt(f: () => void): () => void {
  const net = (navigator as Navigator & { connection?: Connection }).connection;
  let type = net?.type;
  const changed = () => {
    if (net?.type === type) return; // only speed estimates changed
    type = net?.type;
    f();
  };
  const shown = () => {
    if (document.visibilityState === 'visible') f();
  };
  addEventListener('online', f);
  addEventListener('pageshow', f);
  document.addEventListener('visibilitychange', shown);
  document.addEventListener('resume', f);
  net?.addEventListener?.('change', changed);
  return () => {
    removeEventListener('online', f);
    removeEventListener('pageshow', f);
    document.removeEventListener('visibilitychange', shown);
    document.removeEventListener('resume', f);
    net?.removeEventListener?.('change', changed);
  };
}
