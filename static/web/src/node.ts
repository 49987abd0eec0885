import { signal } from '@preact/signals';

// An event may be served by several servers. A page stays the one it is and turns to another server: when it is sent there,
// or when its own does not answer.

/** The address of the server that the page works with, like "https://kotim.example"; "": the one it came from. */
export const node = signal('');

/** The address of something at that server. */
export const at = (path: string): string => node.value + path;

/** The websocket of that server. */
export const socketURL = (): string =>
  node.peek() ? `${node.peek().replace(/^http/, 'ws')}/ws` : `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`;

/** Turns to a server by its address. */
export function turnTo(url: string): void {
  node.value = url === location.origin ? '' : url;
}

const RACE_MS = 1500;

/** The server that answers soonest; the first if none does. */
export async function fastest(urls: readonly string[]): Promise<string> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), RACE_MS);
  try {
    return await Promise.any(urls.map(async (u) => {
      await fetch(`${u}/healthz`, { mode: 'no-cors', cache: 'no-store', credentials: 'omit', signal: abort.signal });
      return u;
    }));
  } catch {
    return urls[0] ?? '';
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
