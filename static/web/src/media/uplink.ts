// What an uplink carries, and what to encode for it. A browser lowers its rates by itself, but it goes on trying for the large picture
// on an uplink that does not carry it, at the voice's cost and with a keyframe for each try. So the steps are ours: down soon, up slowly,
// the more slowly the oftener a step was regretted. What a path loses whatever is sent (a weak radio, a satellite) is no reason for less:
// pictures are sent again, and the voice goes twice.

interface Encoding {
  active: boolean;
  maxBitrate: number; // bits a second
  maxFramerate: number;
  scaleResolutionDownBy: number;
}

/** One second of an uplink. */
export interface Reading {
  kbps: number; // sent
  availableKbps: number; // what the browser believes it could send; 0: it does not say
  lost: number; // of what was sent, 0 to 1
  rttMs: number;
}

interface Step {
  needs: number; // kbit/s, the voice included
  layers: Encoding[];
}

const e = (maxBitrate: number, maxFramerate: number, scaleResolutionDownBy: number): Encoding =>
  ({ active: true, maxBitrate, maxFramerate, scaleResolutionDownBy });
const off = (scaleResolutionDownBy: number): Encoding => ({ ...e(50_000, 5, scaleResolutionDownBy), active: false });

/** From the least to the best. Layers are the same number in each, smallest picture first. */
export type Plan = Step[];

/** A camera in three layers. The voice has its 50 kbit/s before any picture. */
export const CAMERA: Plan = [
  { needs: 0, layers: [e(60_000, 7, 4), off(2), off(1)] },
  { needs: 190, layers: [e(150_000, 20, 4), off(2), off(1)] },
  { needs: 450, layers: [e(150_000, 30, 4), e(500_000, 30, 2), off(1)] },
  { needs: 1000, layers: [e(150_000, 30, 4), e(500_000, 30, 2), e(900_000, 24, 1)] },
  { needs: 1500, layers: [e(150_000, 30, 4), e(500_000, 30, 2), e(1_500_000, 30, 1)] },
];
/** A face in a class's gallery, of a camera at 360 lines: two layers. */
export const FACE: Plan = [
  { needs: 0, layers: [e(60_000, 7, 2), off(1)] },
  { needs: 190, layers: [e(150_000, 20, 2), off(1)] },
  { needs: 450, layers: [e(150_000, 30, 2), e(500_000, 30, 1)] },
];
/** Hands want frames more than pixels. */
export const INTERPRETER: Plan = [
  { needs: 0, layers: [e(80_000, 15, 4), off(2)] },
  { needs: 130, layers: [e(120_000, 30, 4), off(2)] },
  { needs: 380, layers: [e(120_000, 30, 4), e(350_000, 30, 2)] },
];
/** Letters stay sharp: fewer frames, never fewer pixels. The first layer is for viewers whose path carries no more than a page now and then. */
export const SCREEN: Plan = [
  { needs: 0, layers: [e(150_000, 1, 1), off(1)] },
  { needs: 450, layers: [e(100_000, 2, 1), e(400_000, 3, 1)] },
  { needs: 950, layers: [e(100_000, 2, 1), e(1_000_000, 8, 1)] },
  { needs: 1650, layers: [e(100_000, 2, 1), e(2_500_000, 30, 1)] },
];
/** Half-steps in time where there are frames to leave out. */
export const SCREEN_MODES = ['L1T1', 'L1T3'];

const WARM_MS = 10_000; // a connection always starts low and climbs
const DOWN_MS = 3000; // so long it is too little before less is sent
const SICK_MS = 2000; // and so long it loses
const HOLD_MS = 12_000; // so long it has been well before more is tried
const HOLD_MOST_MS = 96_000;
const SHORTLY_MS = 20_000; // a fall so soon after a climb makes the next climb wait longer
const STEADY_MS = 60_000; // and a stay of so long forgets it
const SICK_LOSS = 0.1; // while the round trip has grown, as it does where a queue is full
const STRAY_LOSS = 0.15; // while it has not: a radio, more likely than an uplink that is full
const QUEUE_MS = 60; // so much it grows at least
const WELL_LOSS = 0.03;
const OWN_MOST = 0.2; // a path that loses more by itself carries no picture worth sending
const TRIAL = 0.6; // of what is sent, for DOWN_MS: whether the losses go with the rest is seen without taking a layer away

const DOUBLE_LOSS = 0.02; // from here on the voice goes twice
const SINGLE_LOSS = 0.005; // and below this, for so long, once again
const SINGLE_MS = 20_000;
const DOUBLE_ROOM = 130; // kbit/s that the uplink is to carry then, of speech
const DOUBLE_ROOM_MUSIC = 600;
const SICK_RTT_MS = 1500;

/** Chooses a step of a plan for one uplink. Pure. */
export class Uplink {
  #at: number; // step
  #born = -1;
  #low = 0; // since when it carries too little; 0: it does not
  #sick = 0;
  #well = 0;
  #hold = HOLD_MS;
  #climbed = -Infinity;
  #fell = -Infinity;
  #own = 0; // lost by the path itself
  #trip = Infinity; // the shortest round trip of this connection, ms
  #trial: { lost: number; kbps: number; share: number } | null = null; // less is sent because of losses: do they go?

  constructor(private readonly plan: Plan) {
    this.#at = plan.length - 1;
  }

  /** The step, 0 for the least. */
  get step(): number {
    return this.#at;
  }

  get best(): boolean {
    return this.#at === this.plan.length - 1;
  }

  /** What to encode now. */
  get layers(): Encoding[] {
    const { layers } = this.#here();
    const trial = this.#trial;
    return trial ? layers.map((l) => ({ ...l, maxBitrate: Math.round(l.maxBitrate * trial.share) })) : layers;
  }

  /** A new connection: its first seconds tell nothing. What was learnt stays. */
  restart(): void {
    this.#born = -1;
    this.#low = this.#sick = this.#well = this.#own = 0;
    this.#trip = Infinity;
    this.#trial = null;
  }

  /** Takes a reading; true: layers are others. */
  take(at: number, r: Reading): boolean {
    if (this.#born < 0) this.#born = at;
    this.#trip = Math.min(this.#trip, r.rttMs || Infinity);
    if (at - this.#born < WARM_MS) return false;
    const known = r.availableKbps > 0;
    // Who sends little, a name card or a still screen, was not seen to need more.
    const low = known && r.availableKbps < this.#here().needs && r.kbps >= r.availableKbps / 2;
    const trial = this.#trial;
    if (trial) {
      if (!this.#remains(r, trial)) return this.#fall(at, r);
      this.#own = r.lost;
      return this.#go(this.#at, at);
    }
    if (r.lost < this.#own) this.#own += (r.lost - this.#own) / 8;
    const ill = r.rttMs > this.#trip + QUEUE_MS ? SICK_LOSS : STRAY_LOSS;
    const sick = r.lost > this.#own + ill || r.rttMs > SICK_RTT_MS;
    this.#low = low ? this.#low || at : 0;
    this.#sick = sick ? this.#sick || at : 0;
    this.#well = !low && !sick && r.lost < Math.max(WELL_LOSS, this.#own * 1.5) ? this.#well || at : 0;
    if (this.#at > 0 && ((low && at - this.#low >= DOWN_MS) || (sick && at - this.#sick >= SICK_MS))) {
      if (low || r.rttMs > SICK_RTT_MS) return this.#fall(at, r);
      const most = this.#here().layers.reduce((n, l) => n + (l.active ? l.maxBitrate / 1000 : 0), 0);
      this.#go(this.#at, at);
      this.#trial = { lost: r.lost, kbps: r.kbps, share: TRIAL * Math.min(1, r.kbps / most) };
      return true;
    }
    if ((this.#climbed > this.#fell && at - this.#climbed > STEADY_MS) || at - this.#fell > 3 * STEADY_MS) this.#hold = HOLD_MS;
    if (!this.best && this.#well && at - this.#well >= this.#hold) {
      this.#climbed = at;
      return this.#go(this.#at + 1, at);
    }
    return false;
  }

  // Down to what the browser believes in, and to what arrives, where losses tell that.
  #fall(at: number, r: Reading): boolean {
    const room = Math.min(r.availableKbps || Infinity, r.lost > SICK_LOSS ? r.kbps * (1 - r.lost) : Infinity);
    let to = this.#at - 1;
    while (to > 0 && room < (this.plan[to]?.needs ?? 0)) to--;
    this.#fell = at;
    if (at - this.#climbed < SHORTLY_MS) this.#hold = Math.min(this.#hold * 2, HOLD_MOST_MS);
    return this.#go(to, at);
  }

  // A full uplink loses what is above what it carries, so less when less is sent; another one loses as before.
  #remains(r: Reading, was: { lost: number; kbps: number }): boolean {
    const full = Math.max(0, 1 - ((1 - was.lost) * was.kbps) / Math.max(r.kbps, 1));
    return r.lost <= OWN_MOST && r.kbps > 0 && r.kbps < was.kbps * 0.9 && Math.abs(r.lost - was.lost) < Math.abs(r.lost - full);
  }

  #go(to: number, at: number): boolean {
    this.#trial = null;
    this.#at = to;
    this.#born = at - WARM_MS + DOWN_MS; // what comes next is judged when it is seen
    this.#low = this.#sick = this.#well = 0;
    return true;
  }

  #here(): Step {
    return this.plan[this.#at] ?? { needs: 0, layers: [] };
  }
}

/** Whether the voice goes twice (RED, RFC 2198), each packet with the one before it. Pure. */
export class Doubling {
  on = false;
  #well = 0;

  /** Takes a reading; true: it is now the other way. */
  take(at: number, r: Reading, music: boolean): boolean {
    const room = r.availableKbps <= 0 || r.availableKbps >= (music ? DOUBLE_ROOM_MUSIC : DOUBLE_ROOM);
    this.#well = r.lost < SINGLE_LOSS ? this.#well || at : 0;
    const on = room && (this.on ? !this.#well || at - this.#well < SINGLE_MS : r.lost > DOUBLE_LOSS);
    const other = on !== this.on;
    this.on = on;
    return other;
  }
}
