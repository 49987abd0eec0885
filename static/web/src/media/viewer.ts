import { signal, type Signal } from '@preact/signals';
import { onNetworkDoubt } from '../network';
import type { Listener, Socket } from '../socket';
import { connection, event, rung } from '../store/state';
import { Evidence, sample } from './evidence';
import { Mender } from './mend';
import { cameraOnly, hungUp, negotiate, rtcConfig, stereo } from './pc';
import type { Pin } from './quality';
import { rounded, Usage } from './usage';

// A viewer's connection has fixed slots for the whole event: the server switches the stage's tracks into them, and
// nothing is ever renegotiated because of a switch. m-line order: 3 audio, then video main, second, interpreter, and in a
// class the gallery's.

type VideoSlot = 'main' | 'second' | 'interpreter';
const VIDEO: VideoSlot[] = ['main', 'second', 'interpreter'];
const AUDIO_SLOTS = 3;
const TILES = 9;
const REPORT_MS = 5000;
const PATIENCE_MS = 3200; // of silence: an empty stage's connection is still checked every 2.5 s
const TRIAL_MS = 700; // a voice comes 17 times a second at least
const KEEP_MS = 8000; // the old connection, while one to another server comes up
const CUT_MS = 300; // where the server says that it sends, and hears nothing of it

type MediaStatus = 'idle' | 'connecting' | 'connected' | 'reconnecting';

/** Receives the stage. One per page; start() once the socket is welcomed. */
export class Viewer implements Listener {
  readonly status = signal<MediaStatus>('idle');
  readonly video: Record<VideoSlot, Signal<MediaStream | null>> = {
    main: signal(null),
    second: signal(null),
    interpreter: signal(null),
  };
  /** The gallery's slots, in a class. */
  readonly tiles: readonly Signal<MediaStream | null>[] = Array.from({ length: TILES }, () => signal<MediaStream | null>(null));
  /** The browser keeps quiet until the person touches the page: show "Ketuk untuk mendengar". */
  readonly blocked = signal(false);
  readonly volume = signal(1);
  readonly muted = signal(false);
  /** MB an hour this page takes now, measured; 0: not known yet. */
  readonly mbPerHour = signal(0);

  #pc: RTCPeerConnection | null = null;
  #old: RTCPeerConnection | null = null; // to the server that we are leaving
  #audio: HTMLAudioElement[] = [];
  #evidence = new Evidence();
  #usage = new Usage();
  #timers: number[] = [];
  #mender = new Mender(PATIENCE_MS, TRIAL_MS);
  #reported = 0;
  #unfollow: (() => void)[] = [];
  #awaited: () => void = () => {};

  /** pin: what picture to ask for at most; none: as the server does by itself. */
  constructor(
    private readonly socket: Socket,
    private readonly pin?: Signal<Pin>,
  ) {
    // One element per slot: an element plays only one of its stream's audio tracks in some browsers, and an
    // AudioContext would be silent behind the ringer switch of an iPhone.
    for (let i = 0; i < AUDIO_SLOTS; i++) {
      const a = document.createElement('audio');
      a.autoplay = true;
      a.setAttribute('playsinline', '');
      a.setAttribute('data-testid', `audio-${i}`);
      document.body.append(a);
      this.#audio.push(a);
    }
    this.#timers.push(window.setInterval(() => void this.#everySecond(), 1000));
    socket.listeners.add(this);
    this.#unfollow.push(onNetworkDoubt(() => this.#doubt()));
    this.#unfollow.push(rung.subscribe((r) => r?.cut && this.#doubt(CUT_MS)));
    if (pin) this.#unfollow.push(pin.subscribe(() => this.#sayPin()));
    document.addEventListener('visibilitychange', this.#leaving);
    addEventListener('pagehide', this.#leaving);
  }

  /** Asks for the media, anew if it already runs. How many slots that are is known with the event: it comes right after welcome. */
  start(): void {
    this.#awaited();
    this.#awaited = () => {};
    if (this.#pc?.connectionState === 'connected' && !this.#mender.broken) this.#keep(this.#pc);
    if (event.peek()) return void this.#build();
    this.#awaited = event.subscribe((e) => {
      if (!e) return;
      queueMicrotask(() => this.#awaited());
      void this.#build();
    });
  }

  /** The server lost a transport: "" for this one. */
  lost(source: string): void {
    if (!source && this.#pc) void this.#build();
  }

  /** Called by the socket after every welcome. */
  welcomed(): void {
    this.#sayPin();
    if (this.#pc) this.#mend(this.#pc); // what could not be exchanged meanwhile
  }

  // What is wanted holds for the session, but it may be a new one.
  #sayPin(): void {
    if (this.pin) this.socket.send('quality', { pin: this.pin.peek() });
  }

  told(): void {}

  /** Closes for good. */
  close(): void {
    for (const t of this.#timers) clearInterval(t);
    this.socket.listeners.delete(this);
    for (const end of this.#unfollow) end();
    document.removeEventListener('visibilitychange', this.#leaving);
    removeEventListener('pagehide', this.#leaving);
    this.#leaving();
    this.#awaited();
    this.#release();
    this.#drop();
    for (const a of this.#audio) a.remove();
    this.status.value = 'idle';
  }

  /** Stops receiving (event ended), keeps the object. */
  pause(): void {
    this.#release();
    this.#drop();
    this.status.value = 'idle';
  }

  /** To be called from a click or tap: the browser then lets sound play. */
  unblock(): void {
    this.muted.value = false;
    this.#applyVolume();
    for (const a of this.#audio) void this.#play(a);
  }

  setVolume(v: number): void {
    this.volume.value = Math.min(1, Math.max(0, v));
    if (v > 0) this.muted.value = false;
    this.#applyVolume();
  }

  setMuted(m: boolean): void {
    this.muted.value = m;
    this.#applyVolume();
    if (!m) for (const a of this.#audio) void this.#play(a);
  }

  /** How loud it is right now, 0 to 1: the loudest slot, as the receivers measured it. */
  async level(): Promise<number> {
    const ears = this.#pc?.getReceivers().filter((r) => r.track.kind === 'audio') ?? [];
    let most = 0;
    for (const report of await Promise.all(ears.map((r) => r.getStats()))) {
      report.forEach((s: { type: string; audioLevel?: number }) => {
        if (s.type === 'inbound-rtp') most = Math.max(most, s.audioLevel ?? 0);
      });
    }
    return most;
  }

  #applyVolume(): void {
    this.#audio.forEach((a) => {
      a.volume = this.volume.value;
      a.muted = this.muted.value;
    });
  }

  async #play(a: HTMLAudioElement): Promise<void> {
    if (!a.srcObject) return;
    try {
      await a.play();
      this.blocked.value = false;
    } catch (e) {
      if (e instanceof DOMException && e.name === 'NotAllowedError') this.blocked.value = true;
    }
  }

  #drop(): void {
    const pc = this.#pc;
    this.#pc = null;
    if (!pc) return;
    pc.onconnectionstatechange = pc.ontrack = null;
    pc.close();
    this.#evidence.restart();
    this.#usage.restart();
  }

  // What the old server still sends is seen until the new one's comes.
  #keep(pc: RTCPeerConnection): void {
    this.#release();
    pc.onconnectionstatechange = null;
    this.#old = pc;
    this.#pc = null;
    this.#report(document.visibilityState === 'visible');
    this.#evidence.restart();
    this.#usage.restart();
    setTimeout(() => this.#old === pc && this.#release(), KEEP_MS);
  }

  #release(): void {
    this.#old?.close();
    this.#old = null;
  }

  async #build(): Promise<void> {
    this.#drop();
    if (!this.#old) this.status.value = this.status.value === 'idle' ? 'connecting' : 'reconnecting';
    this.#mender.built(performance.now());
    const pc = new RTCPeerConnection(rtcConfig);
    this.#pc = pc;
    const show: (() => void)[] = [];
    for (const a of this.#audio) {
      const stream = new MediaStream([pc.addTransceiver('audio', { direction: 'recvonly' }).receiver.track]);
      show.push(() => (a.srcObject = stream));
    }
    for (const slot of VIDEO) {
      const stream = new MediaStream([pc.addTransceiver('video', { direction: 'recvonly' }).receiver.track]);
      show.push(() => (this.video[slot].value = stream));
    }
    for (const tile of event.peek()?.kind === 'class' ? this.tiles : []) {
      const stream = new MediaStream([cameraOnly(pc.addTransceiver('video', { direction: 'recvonly' })).receiver.track]);
      show.push(() => (tile.value = stream));
    }
    const showAll = () => {
      for (const f of show.splice(0)) f();
      this.#applyVolume();
    };
    if (!this.#old) showAll();
    pc.onconnectionstatechange = () => {
      if (this.#pc !== pc) return;
      if (pc.connectionState === 'connected') {
        this.#mender.connected(performance.now());
        this.status.value = 'connected';
        showAll();
        this.#release();
        for (const a of this.#audio) void this.#play(a);
      } else if (pc.connectionState === 'disconnected' || pc.connectionState === 'failed') {
        this.status.value = 'reconnecting';
        this.#mender.disconnected(performance.now());
        this.socket.doubt(); // the same network carries both
        this.#mend(pc);
      }
    };
    try {
      await this.#negotiate(pc);
    } catch {
      // The mender tries again; a socket that is gone tells the page by itself.
    }
  }

  // Songs come in stereo, and a voice in one channel costs no more for it.
  #negotiate(pc: RTCPeerConnection, iceRestart = false): Promise<void> {
    return negotiate(pc, async (sdp) => (await this.socket.watch(sdp)).sdp, iceRestart, stereo);
  }

  async #everySecond(): Promise<void> {
    const pc = this.#pc;
    if (!pc) return;
    if (!this.#mender.broken && hungUp(pc)) return void this.#build();
    const hearing = this.#audio.some((a) => !a.paused);
    const s = await sample(pc, hearing).catch(() => null);
    if (s && this.#pc === pc) {
      this.#mender.beat(s.at, s.life, s.checked);
      this.#mend(pc);
      this.#evidence.add(s);
      this.#usage.add(s.at, s.bytes, s.packets);
      this.mbPerHour.value = rounded(this.#usage.mbPerHour());
    }
    if (performance.now() - this.#reported >= REPORT_MS - 100) this.#report(document.visibilityState === 'visible');
  }

  #mend(pc: RTCPeerConnection): void {
    if (this.#pc !== pc) return;
    const what = this.#mender.next(performance.now(), connection.peek() === 'open');
    if (this.#mender.broken) this.status.value = 'reconnecting';
    else if (pc.connectionState === 'connected') this.status.value = 'connected';
    if (what === 'rebuild') void this.#build();
    else if (what === 'restart') this.#negotiate(pc, true).catch(() => {});
  }

  // The network is perhaps another one: look at once, and again when what still works would have shown it.
  async #doubt(proof = TRIAL_MS): Promise<void> {
    if (!this.#pc) return;
    await this.#everySecond(); // what came until now proves nothing
    this.#mender.doubt(performance.now(), proof);
    setTimeout(() => void this.#everySecond(), proof);
  }

  #report(visible: boolean): void {
    this.#reported = performance.now();
    const p = this.#evidence.take(visible);
    if (p) this.socket.send('playing', p);
  }

  // What was gathered before a change of visibility belongs to how the page was before it; the one who leaves the
  // page (pagehide) saw it until now.
  #leaving = (e?: Event): void => {
    this.#report(e?.type === 'visibilitychange' ? document.visibilityState === 'hidden' : !document.hidden);
  };
}
