// Tokens live in the tab's sessionStorage and travel in the Authorization header or in hello. A link carries one in
// its fragment, which no server log ever sees; we take it out of the address bar at once.

const key = (kind: string, scope: string): string => `betang.${kind}.${scope}`;

function read(k: string): string {
  try {
    return sessionStorage.getItem(k) ?? '';
  } catch {
    return memory.get(k) ?? '';
  }
}
function write(k: string, v: string): void {
  memory.set(k, v);
  try {
    if (v) sessionStorage.setItem(k, v);
    else sessionStorage.removeItem(k);
  } catch {
    // storage is switched off: the token lives as long as the page
  }
}
const memory = new Map<string, string>();

/** Names what one page of one event keeps, so that a speaker's and a participant's link can share a tab. */
export const scopeOf = (page: string, event: string): string => (event ? `${page}.${event}` : page);

/** Moves a token from the address (#t=...) to the tab's storage. */
export function takeLinkToken(scope: string): void {
  const t = new URLSearchParams(location.hash.slice(1)).get('t');
  if (!t) return;
  if (t !== linkToken(scope)) setSessionToken(scope, '');
  write(key('link', scope), t);
  history.replaceState(null, '', location.pathname + location.search);
}

/** The token of the link this tab was opened with; "" for none. */
export const linkToken = (scope: string): string => read(key('link', scope));

/** Forgets the tokens of one page of this tab. */
export function dropTokens(scope: string): void {
  write(key('link', scope), '');
  setSessionToken(scope, '');
}

/** The token got by joining; "" before. */
export const sessionToken = (scope: string): string => read(key('session', scope));

export function setSessionToken(scope: string, token: string): void {
  write(key('session', scope), token);
  if (!token) setWireSession(scope, '');
}

/** The websocket session this tab runs, so that a reload continues it. */
export const wireSession = (scope: string): string => read(key('wire', scope));
export const setWireSession = (scope: string, id: string): void => write(key('wire', scope), id);

interface Peek {
  id: string; // of the link
  role: string;
  door: boolean;
  person: boolean;
}

/** What a token says about itself, unverified: only to choose what to try first. The server decides. */
export function peek(token: string): Peek {
  try {
    const part = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const c = JSON.parse(atob(part)) as { jti?: string; role?: string; per?: string; door?: boolean };
    return { id: c.jti ?? '', role: c.role ?? '', door: c.door === true, person: Boolean(c.per) };
  } catch {
    return { id: '', role: '', door: true, person: false };
  }
}
