import { signal } from '@preact/signals';
import { Refusal } from '../refusal';
import { onNetworkDoubt } from '../network';
import type { Listener, Socket } from '../socket';
import { connection, stage } from '../store/state';
import { Mender } from './mend';
import { hungUp, negotiate, prefer, redundant, rtcConfig, stereo } from './pc';
import { life } from './pulse';
import { CAMERA, Doubling, FACE, INTERPRETER, SCREEN, SCREEN_MODES, Uplink } from './uplink';

// Each published stream (a camera with its microphone, a shared screen, an interpreter) has its own connection:
// losing one never touches another.

type PublishKind = 'camera' | 'screen' | 'interpreter';
type PublishStatus = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'refused';

export interface Health {
  kbps: number; // sent
  width: number; // of the largest layer sent
  height: number;
  fps: number;
  limited: string; // qualityLimitationReason: none, cpu, bandwidth, other
  rttMs: number;
  availableKbps: number; // what the browser believes it could send; 0: unknown
  lost: number; // of what was sent lately, 0 to 1, as the server reports it
  step: number; // of what is encoded; 0: the least
  best: boolean; // it is all there is
}

const PATIENCE_MS = 2800; // of silence; the server reports what arrived many times a second, but nothing while all is muted
const TRIAL_MS = 1000;
const NOTICE_MS = 10_000; // the stage without the source comes within a tick of the notice

/** Layers, smallest first; the server forwards each viewer the one that fits. */
const RIDS = ['q', 'h', 'f'];
const PLANS = { camera: CAMERA, interpreter: INTERPRETER, screen: SCREEN };
const MUSIC_BITRATE = 160_000;
const SPEECH_BITRATE = 32_000; // Opus, one channel of full bandwidth: more is not heard, and a path of 64 kbit/s does not carry it

/**
 * Publishes one stream until stop(). It listens to the socket itself and comes back when the network or the server was
 * away; when the server or an operator says no, status is "refused" and refusal tells why.
 */
export class Publisher implements Listener {
  readonly status = signal<PublishStatus>('idle');
  /** The source's id on the stage; "" while not published. */
  readonly source = signal('');
  readonly health = signal<Health | null>(null);
  /** Why the server refused, when status is "refused". */
  readonly refusal = signal<Refusal | null>(null);

  #pc: RTCPeerConnection | null = null;
  #timer = 0;
  #mender = new Mender(PATIENCE_MS, TRIAL_MS);
  #bytes = 0;
  #at = 0;
  #notice: Refusal | null = null;
  #noticeAt = 0;
  #staged = ''; // the id under which it was last seen on the stage
  #gone: RTCPeerConnection | null = null;
  #uplink: Uplink;
  #doubling = new Doubling();
  #sent = new Map<string, number>(); // packets, by stream
  #lost = 0; // see Health
  #answer = ''; // the server's last
  #unfollow: (() => void)[] = [];

  constructor(
    private readonly socket: Socket,
    readonly kind: PublishKind,
    private stream: MediaStream,
    /** Waits behind the stage until it was on it once. */
    private behind = false,
    private music = false,
    /** A face in a class's gallery. */
    small = false,
  ) {
    this.#uplink = new Uplink(small && kind === 'camera' ? FACE : PLANS[kind]);
  }

  /** Goes on the stage. The first refusal is thrown; later losses are mended. */
  async start(): Promise<void> {
    this.status.value = 'connecting';
    this.refusal.value = null;
    this.socket.listeners.add(this);
    this.#unfollow = [stage.subscribe(() => this.#checkRemoved()), onNetworkDoubt(this.#doubt)];
    this.#timer = window.setInterval(() => void this.#everySecond(), 1000);
    await this.#build();
  }

  /** Leaves the stage and closes the transport. The tracks stay the caller's. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const end of this.#unfollow.splice(0)) end();
    this.socket.listeners.delete(this);
    const id = this.source.value;
    this.#drop();
    this.status.value = 'idle';
    this.health.value = null;
    if (id) await this.socket.request('unpublish', { source: id }).catch(() => {});
  }

  /** Swaps in another camera, microphone or screen without a new negotiation. */
  async replace(stream: MediaStream): Promise<void> {
    this.stream = stream;
    const senders = this.#pc?.getSenders() ?? [];
    await Promise.all(
      stream.getTracks().map((t) => senders.find((s) => s.track?.kind === t.kind)?.replaceTrack(t)),
    );
  }

  /**
   * Called by the socket with an error that answered no message. source_removed and source_replaced mean that
   * somebody took a source of this link off the stage on purpose; if it was this one, it must not climb back by
   * itself.
   */
  told(e: Refusal): void {
    if (e.code !== 'source_removed' && e.code !== 'source_replaced') return;
    this.#notice = e;
    this.#noticeAt = performance.now();
    this.#checkRemoved();
  }

  #checkRemoved(gone = false): void {
    const id = this.source.value;
    if (!id) return;
    const listed = stage.peek().sources.find((s) => s.id === id);
    if (listed) this.#staged = id;
    if (listed && !listed.behind) this.behind = false; // from now on a reconnect comes back on the stage
    if (!this.#notice || performance.now() - this.#noticeAt > NOTICE_MS) return;
    // Still listed: the other source was meant, or the news is on its way. Never listed: it is only now coming up.
    if (gone || (!listed && this.#staged === id)) this.#refuse(this.#notice);
  }

  #refuse(e: Refusal): void {
    this.#drop();
    clearInterval(this.#timer);
    for (const end of this.#unfollow.splice(0)) end();
    this.socket.listeners.delete(this);
    this.status.value = 'refused';
    this.refusal.value = e;
  }

  /** Called by the socket after a reconnect: fresh means that the server knows nothing of this source any more. */
  welcomed(fresh: boolean): void {
    if (!this.#pc || this.status.value === 'refused') return;
    if (fresh) void this.#rebuild();
    else this.#mend(this.#pc);
  }

  /** Called by the socket: the server lost a source's transport. */
  lost(source: string): void {
    if (this.#pc && source === this.source.value) void this.#rebuild();
  }

  #drop(): void {
    const pc = this.#pc;
    this.#pc = null;
    this.source.value = '';
    this.#bytes = this.#at = this.#lost = 0;
    this.#sent.clear();
    if (pc) {
      pc.onconnectionstatechange = null;
      pc.close();
    }
  }

  async #rebuild(): Promise<void> {
    this.status.value = 'reconnecting';
    // The new source takes the old one's place on the stage as soon as it connects.
    await this.#build().catch(() => {});
  }

  async #build(): Promise<void> {
    this.#drop();
    this.#mender.built(performance.now());
    this.#uplink.restart();
    const pc = new RTCPeerConnection(rtcConfig);
    this.#pc = pc;
    pc.onconnectionstatechange = () => {
      if (this.#pc !== pc) return;
      if (pc.connectionState === 'connected') {
        this.#mender.connected(performance.now());
        this.status.value = 'live';
      } else if (pc.connectionState === 'disconnected' || pc.connectionState === 'failed') {
        this.#mender.disconnected(performance.now());
        this.status.value = 'reconnecting';
        this.socket.doubt(); // the same network carries both
        this.#mend(pc);
      }
    };
    const audio = this.stream.getAudioTracks()[0];
    const video = this.stream.getVideoTracks()[0];
    if (audio) pc.addTransceiver(audio, { direction: 'sendonly', streams: [this.stream], sendEncodings: this.#audio() });
    if (video) this.#addVideo(pc, video);
    try {
      await this.#negotiate(pc);
    } catch (e) {
      if (this.#pc !== pc) return;
      if (e instanceof Refusal && e.kind !== 'Offline' && e.kind !== 'Internal' && e.kind !== 'TooMany') {
        this.#refuse(e);
      } else {
        this.status.value = 'reconnecting'; // the mender tries again
      }
      throw e;
    }
  }

  #audio(): RTCRtpEncodingParameters[] {
    return [{ maxBitrate: this.music ? MUSIC_BITRATE : this.kind === 'screen' ? 96_000 : SPEECH_BITRATE }];
  }

  /** Sound at the rate of music and in stereo, or of speech again; the server need not know. */
  setMusic(on: boolean): void {
    this.music = on;
    this.#reheard();
    for (const s of this.#pc?.getSenders() ?? []) {
      if (s.track?.kind !== 'audio') continue;
      const p = s.getParameters();
      for (const [i, e] of p.encodings.entries()) e.maxBitrate = this.#audio()[i]?.maxBitrate ?? MUSIC_BITRATE;
      s.setParameters(p).catch(() => {});
    }
  }

  #reheard(): void {
    const pc = this.#pc;
    if (pc?.signalingState === 'stable' && this.#answer) void this.#retune(pc).catch(() => {});
  }

  // The browser encodes what the answer asks for, so the last one is heard again with another wish.
  async #retune(pc: RTCPeerConnection): Promise<void> {
    await pc.setLocalDescription(await pc.createOffer());
    await pc.setRemoteDescription({ type: 'answer', sdp: this.#heard() });
  }

  #heard(): string {
    const sdp = this.music ? stereo(this.#answer, MUSIC_BITRATE) : this.#answer;
    return this.#doubling.on ? redundant(sdp) : sdp;
  }

  #addVideo(pc: RTCPeerConnection, track: MediaStreamTrack): void {
    if (this.kind !== 'screen' && !track.contentHint) track.contentHint = 'motion';
    const layers = this.#uplink.layers;
    const add = (sendEncodings: RTCRtpEncodingParameters[]) =>
      pc.addTransceiver(track, { direction: 'sendonly', streams: [this.stream], sendEncodings });
    let tr: RTCRtpTransceiver;
    const named = layers.map((l, i) => (layers.length > 1 ? { ...l, rid: RIDS[i] ?? '' } : { ...l }));
    if (this.kind === 'screen') {
      try {
        // Half-steps in time: the server leaves frames out for who is on a narrow path. Of a camera browsers make them by themselves.
        tr = add(named.map((l, i) => ({ ...l, scalabilityMode: SCREEN_MODES[i] ?? 'L1T1' })));
      } catch {
        tr = add(named); // a browser that knows no such mode
      }
    } else {
      tr = add(named);
    }
    prefer(tr, 'video/VP8');
    if (this.kind === 'screen') {
      // Letters must stay sharp: drop frames before pixels.
      const p = tr.sender.getParameters() as RTCRtpSendParameters & { degradationPreference?: string };
      p.degradationPreference = 'maintain-resolution';
      tr.sender.setParameters(p).catch(() => {});
    }
  }

  /** Has the encoder do what the uplink carries. */
  #limit(pc: RTCPeerConnection): void {
    for (const s of pc.getSenders()) {
      if (s.track?.kind !== 'video') continue;
      const p = s.getParameters();
      for (const [i, e] of p.encodings.entries()) Object.assign(e, this.#uplink.layers[i]);
      s.setParameters(p).catch(() => {});
    }
  }

  #negotiate(pc: RTCPeerConnection, iceRestart = false): Promise<void> {
    return negotiate(pc, async (sdp) => {
      const a = await this.socket.publish(this.kind, sdp, this.behind);
      if (this.#pc === pc) this.source.value = a.source ?? '';
      this.#answer = a.sdp;
      return this.#heard();
    }, iceRestart);
  }

  #mend(pc: RTCPeerConnection): void {
    if (this.#pc !== pc) return;
    const what = this.#mender.next(performance.now(), connection.peek() === 'open');
    if (this.#mender.broken) this.status.value = 'reconnecting';
    else if (pc.connectionState === 'connected') this.status.value = 'live';
    if (what === 'rebuild') void this.#rebuild();
    else if (what === 'restart') this.#negotiate(pc, true).catch(() => {});
  }

  // The network is perhaps another one: look at once, and again when what still works would have shown it.
  #doubt = (): void => {
    this.#mender.doubt(performance.now());
    setTimeout(() => void this.#everySecond(), TRIAL_MS);
  };

  async #everySecond(): Promise<void> {
    const pc = this.#pc;
    if (!pc) return;
    // Our transport is gone, and perhaps our place too: was it on purpose?
    const gone = hungUp(pc);
    this.#checkRemoved(gone);
    if (this.#pc !== pc) return;
    // The notice of a removal may be a moment behind the hang-up: come back only at the second look.
    if (gone && this.#gone === pc) return this.#rebuild();
    this.#gone = gone ? pc : null;
    const stats = await pc.getStats().catch(() => null);
    if (!stats || this.#pc !== pc) return;
    const alive = life(stats);
    this.#mender.beat(performance.now(), alive.received, alive.checked);
    this.#mend(pc);
    if (this.#pc !== pc) return;
    const h: Health = { kbps: 0, width: 0, height: 0, fps: 0, limited: 'none', rttMs: 0, availableKbps: 0, lost: 0, step: 0, best: true };
    let bytes = 0;
    let packets = 0;
    stats.forEach((s) => {
      if (s.type === 'outbound-rtp') {
        bytes += s.bytesSent ?? 0;
        const lately = Math.max(0, (s.packetsSent ?? 0) - (this.#sent.get(s.id) ?? 0));
        this.#sent.set(s.id, s.packetsSent ?? 0);
        packets += lately;
        h.lost += lately * (stats.get(s.remoteId ?? '')?.fractionLost ?? 0);
        if (s.kind === 'video' && (s.frameWidth ?? 0) > h.width && s.framesPerSecond) {
          h.width = s.frameWidth;
          h.height = s.frameHeight;
          h.fps = Math.round(s.framesPerSecond);
        }
        if (s.qualityLimitationReason && s.qualityLimitationReason !== 'none') h.limited = s.qualityLimitationReason;
      } else if (s.type === 'candidate-pair' && s.nominated && s.currentRoundTripTime !== undefined) {
        h.rttMs = Math.round(s.currentRoundTripTime * 1000);
        h.availableKbps = Math.round((s.availableOutgoingBitrate ?? 0) / 1000);
      }
    });
    h.lost = this.#lost = (this.#lost + h.lost / Math.max(packets, 1)) / 2; // of a second's few packets alone says little
    const at = performance.now();
    if (this.#at) h.kbps = Math.max(0, Math.round(((bytes - this.#bytes) * 8) / (at - this.#at)));
    this.#bytes = bytes;
    this.#at = at;
    if (pc.connectionState === 'connected') {
      if (this.#uplink.take(at, h)) this.#limit(pc);
      if (this.#doubling.take(at, h, this.music)) this.#reheard();
    }
    h.step = this.#uplink.step;
    h.best = this.#uplink.best;
    this.health.value = h;
  }
}
