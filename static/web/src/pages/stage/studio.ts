import { batch, computed, signal } from '@preact/signals';
import { captureProblem, Level, openCamera, openScreen, type CaptureProblem, type Choice } from '../../media/devices';
import { missing } from '../../media/pc';
import { Publisher } from '../../media/publisher';
import type { Refusal } from '../../refusal';
import type { Socket } from '../../socket';
import { sourceOf } from '../../store/state';
import { nameCard } from './namecard';

/** Why there is no picture and sound of our own. */
export type Problem = '' | CaptureProblem | 'webrtc' | 'secure' | 'capture';
/** Where the speaker is: at the device check, or on the stage. */
export type Where = 'check' | 'starting' | 'air';
/** Something the page should tell. */
export type News = 'device-failed' | 'camera-lost' | 'mic-lost' | 'screen-ended' | 'screen-refused' | 'air-refused' |
  'sound-released' | 'picture-released';

const FREE = { sound: false, picture: false };

/** Camera, microphone and screen of one person, and their way to the stage. */
export class Studio {
  readonly where = signal<Where>('check');
  readonly problem = signal<Problem>('');
  readonly opening = signal(false);
  /** Devices were let go on purpose. */
  readonly off = signal(false);
  readonly choice = signal<Choice>({});
  readonly micOn = signal(true);
  /** The camera; without one the name card goes out. */
  readonly picture = signal<MediaStream | null>(null);
  readonly sound = signal<MediaStreamTrack | null>(null);
  readonly level = signal<Level | null>(null);
  readonly camera = signal<Publisher | null>(null);
  readonly screen = signal<Publisher | null>(null);
  readonly onAirAt = signal(0); // performance.now
  /** What of us goes to nobody, by the operator's hand. */
  readonly held = computed(() => {
    const camera = this.camera.value;
    if (!camera) return FREE;
    const s = sourceOf(camera.source.value);
    return s ? { sound: s.heldSound === true, picture: s.heldPicture === true } : this.#wasHeld; // on its way back
  });
  /** Our camera waits behind the stage. */
  readonly behind = computed(() => sourceOf(this.camera.value?.source.value ?? '')?.behind === true);
  readonly ready = computed(() => this.sound.value !== null || this.picture.value !== null);

  #card: MediaStreamTrack | null = null;
  #screenTrack: MediaStreamTrack | null = null;
  #turn = 0; // of #get: a slower earlier one must not win
  #withSound = false; // what is published has an audio track
  #wasHeld = FREE;
  #unfollow: () => void;

  constructor(
    private readonly socket: Socket,
    readonly kind: 'camera' | 'interpreter',
    private readonly name: () => string,
    private readonly tell: (n: News, e?: Refusal | null) => void,
    /** One face among many, in a class. */
    private readonly small = false,
  ) {
    if (small) this.choice.value = { small };
    this.#unfollow = this.held.subscribe((h) => this.#hold(h));
    const lack = missing(true);
    if (lack) this.problem.value = lack;
    else void this.open();
  }

  /** Opens camera and microphone, with one question to the person; when one of them is missing, the other alone. */
  async open(): Promise<void> {
    const sign = this.kind === 'interpreter';
    if (sign) return this.#get(true, false);
    await this.#get(true, true);
    if (this.problem.value === 'missing') await this.#get(false, true);
    if (this.problem.value === 'missing') await this.#get(true, false);
  }

  /** Voice without a picture. */
  voiceOnly(): Promise<void> {
    return this.#get(false, true);
  }

  /** Takes another camera; "" is the browser's choice. */
  chooseCamera(id: string): Promise<void> {
    this.choice.value = without(this.choice.value, 'camera', id);
    return this.#get(true, false);
  }

  chooseMicrophone(id: string): Promise<void> {
    this.choice.value = without(this.choice.value, 'microphone', id);
    return this.#get(false, true);
  }

  setMusic(music: boolean): Promise<void> {
    this.choice.value = { ...this.choice.value, music };
    this.camera.peek()?.setMusic(music);
    return this.#get(false, true);
  }

  async setCamera(on: boolean): Promise<void> {
    if (on) return this.#get(true, false);
    this.#turn++;
    this.#letGo(true, false);
    this.#send();
  }

  // Opens the asked kinds with the present choice and, on air, swaps them in; the other kind goes on undisturbed.
  async #get(video: boolean, audio: boolean): Promise<void> {
    const turn = ++this.#turn;
    this.opening.value = true;
    this.off.value = false;
    // A phone cannot open a second camera or microphone while the first is held.
    this.#letGo(video, audio);
    let stream: MediaStream | null = null;
    let problem: CaptureProblem = 'other';
    try {
      stream = await openCamera(this.choice.value, video, audio);
    } catch (e) {
      problem = captureProblem(e);
    }
    if (turn !== this.#turn) {
      for (const t of stream?.getTracks() ?? []) t.stop();
      return;
    }
    const pic = stream?.getVideoTracks()[0] ?? null;
    const snd = stream?.getAudioTracks()[0] ?? null;
    pic?.addEventListener('ended', () => this.#lost(pic));
    snd?.addEventListener('ended', () => this.#lost(snd));
    if (snd) snd.enabled = this.micOn.value;
    batch(() => {
      this.opening.value = false;
      if (pic) this.picture.value = new MediaStream([pic]);
      if (snd) this.sound.value = snd;
      if (audio) this.#meter();
      if (this.ready.value) this.problem.value = '';
      else this.problem.value = problem;
    });
    if (!stream && this.ready.value) this.tell('device-failed');
    this.#send();
  }

  /** Lets all devices go. */
  close(): void {
    this.#turn++;
    this.#letGo(true, true);
    this.opening.value = false;
    this.off.value = true;
    this.#meter();
  }

  setMic(on: boolean): void {
    this.micOn.value = on;
    // Silence goes on flowing: it is undone at once, and proves to the server that media still arrives.
    if (this.sound.value) this.sound.value.enabled = on;
  }

  /** Goes on the stage, or behind it. Throws Refusal when the server says no. */
  async goLive(behind = false): Promise<void> {
    if (this.where.value !== 'check' || !this.ready.value) return;
    this.where.value = 'starting';
    try {
      await this.#publish(this.#outgoing(), behind);
    } catch (e) {
      const p = this.camera.value;
      if (!p) return; // left meanwhile
      if (p.status.value === 'refused') {
        await this.leave();
        throw e;
      }
      // the network or the server was away: the publisher goes on trying
    }
    if (!this.camera.value) return;
    batch(() => {
      this.where.value = 'air';
      this.onAirAt.value = performance.now();
    });
  }

  /** Leaves the stage with everything; the devices stay on for the check. */
  async leave(): Promise<void> {
    const p = this.camera.value;
    this.camera.value = null;
    this.where.value = 'check';
    await Promise.all([p?.stop(), this.stopScreen()]);
  }

  /** Steps behind the stage, or on it, with all that is ours. */
  async place(behind: boolean): Promise<void> {
    for (const p of [this.camera.value, this.screen.value]) {
      if (p?.source.value) await this.socket.request('place', { source: p.source.value, behind });
    }
  }

  /** Shares a screen beside the camera. Throws what getDisplayMedia or the server says; nothing when cancelled. */
  async shareScreen(): Promise<void> {
    if (this.screen.value) return;
    let stream: MediaStream;
    try {
      stream = await openScreen();
    } catch (e) {
      if (captureProblem(e) === 'denied') return; // closed the browser's own dialog
      throw e;
    }
    const track = stream.getVideoTracks()[0] ?? null;
    const p = new Publisher(this.socket, 'screen', stream, this.behind.peek());
    this.#screenTrack = track;
    this.screen.value = p;
    track?.addEventListener('ended', () => {
      if (this.screen.value === p) {
        void this.stopScreen();
        this.tell('screen-ended');
      }
    });
    p.refusal.subscribe((e) => {
      if (e && this.screen.value === p) {
        void this.stopScreen();
        this.tell('screen-refused', e);
      }
    });
    await p.start().catch(() => {}); // a refusal is told above; else it goes on trying
  }

  async stopScreen(): Promise<void> {
    const p = this.screen.value;
    this.screen.value = null;
    this.#screenTrack?.stop();
    this.#screenTrack = null;
    await p?.stop();
  }

  /** Ends everything: the page goes away, or the event is over. */
  async end(): Promise<void> {
    await this.leave();
    this.close();
    this.#unfollow();
    this.#card?.stop();
    this.#card = null;
  }

  // The server holds it whatever we send. We let it go as well, so that nobody is on air again unawares when the
  // operator lets go: that is for the person to do.
  #hold(h: { sound: boolean; picture: boolean }): void {
    const was = this.#wasHeld;
    this.#wasHeld = h;
    if (h.sound && !was.sound) this.setMic(false);
    if (h.picture && !was.picture && this.picture.peek()) void this.setCamera(false);
    if (!this.camera.peek()) return;
    if (was.sound && !h.sound) this.tell('sound-released');
    if (was.picture && !h.picture) this.tell('picture-released');
  }

  #outgoing(): MediaStream {
    const pic = this.picture.value?.getVideoTracks()[0];
    const out = new MediaStream([pic ?? this.#nameCard()]);
    if (this.sound.value) out.addTrack(this.sound.value);
    return out;
  }

  #nameCard(): MediaStreamTrack {
    if (this.#card?.readyState !== 'live') this.#card = nameCard(this.name());
    return this.#card;
  }

  #send(): void {
    const p = this.camera.value;
    if (!p) return;
    const out = this.#outgoing();
    // A microphone that came later has no place in what was negotiated: publish anew.
    if (out.getAudioTracks().length > 0 && !this.#withSound) void this.#publish(out).catch(() => {});
    else void p.replace(out);
  }

  async #publish(out: MediaStream, behind = this.behind.peek()): Promise<void> {
    const old = this.camera.value;
    const p = new Publisher(this.socket, this.kind, out, behind, this.choice.peek().music === true, this.small);
    this.#withSound = out.getAudioTracks().length > 0;
    p.refusal.subscribe((e) => {
      if (e && this.camera.value === p && this.where.value === 'air') {
        void this.leave();
        this.tell('air-refused', e);
      }
    });
    this.camera.value = p;
    await old?.stop();
    await p.start();
  }

  #letGo(video: boolean, audio: boolean): void {
    if (video && this.picture.value) {
      for (const t of this.picture.value.getTracks()) t.stop();
      this.picture.value = null;
    }
    if (audio && this.sound.value) {
      this.sound.value.stop();
      this.sound.value = null;
    }
  }

  #meter(): void {
    this.level.value?.close();
    this.level.value = this.sound.value ? new Level(new MediaStream([this.sound.value])) : null;
  }

  // Unplugged, or taken by the system: tracks that we stop ourselves fire no such event.
  #lost(t: MediaStreamTrack): void {
    if (this.picture.value?.getVideoTracks()[0] === t) {
      this.picture.value = null;
      this.tell('camera-lost');
      this.#send();
    } else if (this.sound.value === t) {
      this.sound.value = null;
      this.tell('mic-lost');
      void this.chooseMicrophone('');
    }
  }
}

function without(c: Choice, key: 'camera' | 'microphone', id: string): Choice {
  const next = { ...c };
  if (id) next[key] = id;
  else delete next[key];
  return next;
}
