// The few parts of a browser that the socket needs.
class Store {
  #m = new Map();
  getItem = (k) => this.#m.get(k) ?? null;
  setItem = (k, v) => void this.#m.set(k, String(v));
  removeItem = (k) => void this.#m.delete(k);
}
const target = new EventTarget();
Object.assign(globalThis, {
  window: globalThis,
  location: { protocol: 'https:', origin: 'https://betang.test', host: 'betang.test', search: '', hash: '', pathname: '/k/demo' },
  sessionStorage: new Store(),
  localStorage: new Store(),
  document: Object.assign(new EventTarget(), { visibilityState: 'visible', documentElement: {} }),
  addEventListener: target.addEventListener.bind(target),
  removeEventListener: target.removeEventListener.bind(target),
  dispatchEvent: target.dispatchEvent.bind(target),
});
Object.defineProperty(globalThis, 'navigator', { value: { onLine: true }, configurable: true }); // Node 20 has none
performance.now = () => Date.now(); // follows node's mocked clock

// Node 20's mocked setInterval goes on after a clearInterval from within its own callback; this one is made of setTimeout.
const chains = new Map();
let chain = -1;
globalThis.setInterval = (f, ms) => {
  const id = chain--;
  const next = () => chains.set(id, setTimeout(() => (next(), f()), ms));
  next();
  return id;
};
globalThis.clearInterval = (id) => {
  clearTimeout(chains.get(id) ?? id); // one list of timers for both, as in a browser
  chains.delete(id);
};

/** A websocket whose other end is the test. */
export class FakeSocket {
  static OPEN = 1;
  static all = [];
  readyState = 0;
  sent = [];
  constructor(url) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  static get last() {
    return FakeSocket.all.at(-1);
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  say(t, d, id = 0) {
    this.onmessage?.({ data: JSON.stringify({ t, id, d }) });
  }
  close() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.();
  }
}
globalThis.WebSocket = FakeSocket;
