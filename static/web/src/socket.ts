import { wait, type Ending } from './backoff';
import { lang } from './i18n';
import { setRelays } from './media/relay';
import { fastest, node, socketURL, turnTo } from './node';
import { onNetworkDoubt } from './network';
import { Refusal } from './refusal';
import { lesson } from './store/lesson';
import * as state from './store/state';
import { setServerTime } from './time';
import { setWireSession, wireSession } from './token';
import { Version, type Ack, type Answered, type ClientMessage, type Error as WireError, type Goodbye,
  type ServerMessage, type Welcome } from './wire.gen';

type Sent = Exclude<ClientMessage, { t: 'hello' | 'ping' }>;
type Body<K extends Sent['t']> = Extract<Sent, { t: K }>['d'];

type Reply<K> = K extends 'watch' | 'publish' ? Answered : Ack;

interface Pending {
  resolve(d: unknown): void;
  reject(e: Refusal): void;
  timer: number;
}

const PING_MS = 3000; // evidence closes after 10 s of silence: two pings may be lost
const DEAD_MS = 8000;
const DOUBT_MS = 2500; // a doubted socket has so long to answer a ping
const OPEN_MS = 5000; // and a new one to open: five round trips by satellite
const REQUEST_MS = 10_000;

/** What the parts of a page that hold media want to hear, beside the page itself. */
export interface Listener {
  /** after every welcome; fresh: the server knows nothing of this session's media any more */
  welcomed(fresh: boolean): void;
  /** a transport was lost: a source's, or with "" the viewer's own */
  lost(source: string): void;
  /** an error that answers no message */
  told(e: Refusal): void;
}

/** One event's websocket. It reconnects by itself, resumes from the last revision and feeds the store. */
export class Socket {
  /** Called after every welcome. fresh: the server knows nothing of this session's media any more. */
  onWelcome: (w: Welcome, fresh: boolean) => void = () => {};
  /** Called with errors that answer no message. */
  onError: (e: Refusal) => void = () => {};

  /** Viewers and publishers add themselves. */
  readonly listeners = new Set<Listener>();

  #ws: WebSocket | null = null;
  #nextId = 1;
  #pending = new Map<number, Pending>();
  #waiting: (() => void)[] = []; // requests made while disconnected
  #attempt = 0; // tries since the last welcome
  #retryMs = 0; // the server's wish, from goodbye
  #reserved = false; // the wait under way is a slot the server gave out
  #timer = 0; // the watchdog's interval while a socket exists, else the back-off
  #heard = 0; // performance.now of the last message
  #doubted = 0; // performance.now since when a ping must be answered; 0: no doubt
  #unfollow: () => void;
  #tick = 0;
  #pinged = 0;
  #boot = '';
  #session = '';
  #stopped = false;
  #others: string[] = []; // servers to turn to, the next one first
  #placed = false; // this server was chosen for us, or is what we found: it keeps us

  constructor(
    readonly event: string,
    readonly token: string,
    readonly scope: string,
  ) {
    this.#unfollow = onNetworkDoubt(() => this.doubt());
    this.#session = wireSession(scope);
    state.connection.value = 'connecting';
    this.#open();
  }

  /** Closes for good. */
  stop(reason = ''): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#unfollow();
    this.#drop();
    for (const wake of this.#waiting.splice(0)) wake();
    if (reason) state.connection.value = 'closed';
  }

  /** Sends a message that wants no answer; lost while disconnected. */
  send<K extends Sent['t']>(t: K, d: Body<K>): void {
    if (this.#ws?.readyState === WebSocket.OPEN && state.connection.value === 'open') {
      this.#ws.send(JSON.stringify({ t, d }));
    }
  }

  /** Sends a message and waits for its ack. Disconnected, it first waits for the socket. Throws Refusal. */
  async request<K extends Sent['t']>(t: K, d: Body<K>, timeoutMs = REQUEST_MS): Promise<Reply<K>> {
    const until = performance.now() + timeoutMs;
    while (state.connection.value !== 'open') {
      const left = until - performance.now();
      if (this.#stopped || left <= 0) throw new Refusal('Offline', 'offline', '');
      await new Promise<void>((wake) => {
        this.#waiting.push(wake);
        setTimeout(wake, left);
      });
    }
    const id = this.#nextId++;
    return new Promise<Reply<K>>((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.#pending.delete(id);
        reject(new Refusal('Offline', 'lost', ''));
      }, Math.max(1000, until - performance.now()));
      this.#pending.set(id, { resolve: (x) => resolve(x as Reply<K>), reject, timer });
      this.#ws?.send(JSON.stringify({ t, id, d }));
    });
  }

  watch(sdp: string): Promise<Answered> {
    return this.request('watch', { sdp });
  }
  publish(kind: Body<'publish'>['kind'], sdp: string, behind = false): Promise<Answered> {
    return this.request('publish', { kind, sdp, behind });
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#reserved = false;
    if (this.#stopped) return;
    const ws = new WebSocket(socketURL());
    this.#ws = ws;
    this.#heard = this.#pinged = this.#tick = performance.now();
    this.#doubted = 0;
    ws.onopen = () => {
      const hello = { v: Version, event: this.event, token: this.token, rev: state.rev.value, session: this.#session,
        lang: lang.value, ...(this.#placed && { placed: true }) };
      ws.send(JSON.stringify({ t: 'hello', d: hello }));
    };
    ws.onmessage = (m) => {
      if (this.#ws === ws) this.#receive(m.data as string);
    };
    ws.onclose = () => {
      if (this.#ws === ws) this.#lost(this.#attempt === 0 && state.connection.value === 'open' ? 'closed' : 'refused');
    };
    this.#timer = window.setInterval(this.#watchdog, 1000);
  }

  #receive(data: string): void {
    this.#heard = performance.now();
    this.#doubted = 0;
    let m: ServerMessage;
    try {
      m = JSON.parse(data) as ServerMessage;
    } catch {
      return;
    }
    switch (m.t) {
      case 'welcome':
        return this.#welcome(m.d);
      case 'state':
        return state.applyState(m.d);
      case 'mine':
        return state.applyMine(m.d);
      case 'tallies':
        state.tallies.value = new Map(m.d.polls.map((x) => [x.poll, x]));
        return;
      case 'class':
        lesson.value = m.d;
        return;
      case 'reactions':
        return state.applyReactions(m.d);
      case 'ink':
        state.ink.value = m.d;
        return;
      case 'point':
        state.pointer.value = m.d;
        return;
      case 'counts':
        state.counts.value = m.d;
        return this.#meet(m.d.nodes ?? []);
      case 'vitals':
        state.vitals.value = m.d;
        return;
      case 'rung':
        state.rung.value = m.d;
        return;
      case 'ack':
      case 'answered':
        return this.#settle(m.id ?? 0, (p) => p.resolve(m.d));
      case 'error':
        return this.#refused(m.id ?? 0, m.d);
      case 'medialost':
        for (const l of [...this.listeners]) l.lost(m.d.source);
        return;
      case 'goodbye':
        return this.#goodbye(m.d);
    }
  }

  #welcome(w: Welcome): void {
    setServerTime(w.now);
    setRelays(w.ice);
    const fresh = w.boot !== this.#boot || w.session !== this.#session;
    this.#boot = w.boot;
    this.#session = w.session;
    setWireSession(this.scope, w.session);
    this.#attempt = 0;
    this.#retryMs = 0;
    this.#others = w.nodes ?? [];
    if (fresh) {
      state.rung.value = null;
      state.ink.value = { deck: '', page: 0, strokes: [] }; // what a server that died had is gone
    }
    state.you.value = w.you;
    state.goodbye.value = null;
    state.connection.value = 'open';
    for (const wake of this.#waiting.splice(0)) wake();
    this.onWelcome(w, fresh);
    for (const l of [...this.listeners]) l.welcomed(fresh);
  }

  // Servers that came since the welcome are turned to last: those of the welcome are the nearer ones.
  #meet(nodes: string[]): void {
    const here = node.peek() || location.origin;
    this.#others.push(...nodes.filter((n) => n !== here && !this.#others.includes(n)));
  }

  #settle(id: number, how: (p: Pending) => void): void {
    const p = this.#pending.get(id);
    if (!p) return;
    this.#pending.delete(id);
    clearTimeout(p.timer);
    how(p);
  }

  #refused(id: number, d: WireError): void {
    const e = new Refusal(d.kind, d.code, d.message);
    if (id > 0) return this.#settle(id, (p) => p.reject(e));
    if (state.connection.value === 'connecting' || state.connection.value === 'reconnecting') {
      // hello itself was refused: another try with the same token would end the same, unless the server is ill
      if (d.kind !== 'Internal' && d.kind !== 'TooMany') return this.#end(d.code, d.message);
      return;
    }
    this.onError(e);
    for (const l of [...this.listeners]) l.told(e);
  }

  #goodbye(g: Goodbye): void {
    if (g.nodes?.length) return void this.#move(g.nodes, g.race === true, g.retryMs);
    if (g.retryMs > 0) {
      this.#retryMs = g.retryMs;
      return;
    }
    this.#end(g.reason, g.message);
  }

  // The media of the server that sent us on flow until those of the next do.
  async #move(nodes: string[], race: boolean, ms: number): Promise<void> {
    this.#drop();
    state.connection.value = 'connecting';
    this.#reserved = true;
    const [first = ''] = race ? [await fastest(nodes)] : nodes;
    if (this.#stopped) return;
    this.#others = nodes.filter((n) => n !== first);
    this.#placed = true;
    turnTo(first);
    this.#attempt = 0;
    this.#timer = window.setTimeout(() => this.#open(), ms);
  }

  // This server does not answer: the next try is at another, and this one comes last again.
  #turn(): void {
    const next = this.#others.shift();
    if (next === undefined) return;
    this.#others.push(node.peek() || location.origin);
    this.#placed = true;
    turnTo(next);
  }

  #end(reason: string, message: string): void {
    state.goodbye.value = { reason, message };
    this.stop(reason);
  }

  #drop(): void {
    clearInterval(this.#timer);
    const ws = this.#ws;
    this.#ws = null;
    ws?.close();
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id, (p) => p.reject(new Refusal('Offline', 'lost', '')));
    }
  }

  #lost(how: Ending): void {
    this.#drop();
    if (this.#stopped) return;
    if (state.connection.value === 'open') state.connection.value = 'reconnecting';
    const ms = this.#retryMs > 0 ? this.#retryMs : wait(how, this.#attempt, state.counts.value.viewers, Math.random());
    // A server that is down refuses at once; where nothing comes it may also be our own network that is away.
    if (this.#attempt >= (how === 'refused' ? 1 : 3)) this.#turn();
    this.#attempt++;
    this.#reserved = this.#retryMs > 0;
    this.#retryMs = 0;
    this.#timer = window.setTimeout(() => this.#open(), ms);
  }

  #watchdog = (): void => {
    const at = performance.now();
    const slept = at - this.#tick > 5000; // the tab was frozen: what we "heard" is old, ask before judging
    this.#tick = at;
    const open = state.connection.value === 'open' && this.#ws?.readyState === WebSocket.OPEN;
    if (slept) this.#heard = at;
    else if (at - this.#heard > (this.#ws?.readyState === WebSocket.OPEN ? DEAD_MS : OPEN_MS)) return this.#lost('silent');
    if (this.#doubted && at - this.#doubted >= DOUBT_MS) return this.#lost('silent');
    if (open && (slept || at - this.#pinged >= PING_MS)) {
      this.#pinged = at;
      this.#ws?.send('{"t":"ping"}');
    }
  };

  /**
   * The network or the page came back, or media has stopped: an open socket must prove that it lives, and a wait for the
   * next try is cut short. A slot that the server gave out is kept: everybody was given one.
   */
  doubt(): void {
    if (this.#stopped || this.#reserved) return;
    const ws = this.#ws;
    if (ws?.readyState === WebSocket.OPEN) {
      if (this.#doubted || state.connection.value !== 'open') return;
      this.#doubted = this.#pinged = performance.now();
      ws.send('{"t":"ping"}');
      return;
    }
    // One that is still opening may have sent its first packet into a network that was away.
    if (ws && performance.now() - this.#heard < 1000) return;
    this.#drop();
    this.#timer = window.setTimeout(() => this.#open(), Math.random() * 1000);
  }
}
