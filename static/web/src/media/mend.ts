import { Pulse } from './pulse';

// When to mend a connection, and how. An ICE restart keeps the session: the same transport over another path, one interval
// of attendance. A new connection is for when that has failed, or the server has forgotten the old one.

const FORGOTTEN_MS = 14_000; // the server gives a silent transport up after 15 s
const AGAIN_MS = 3000; // a restart has so long to bring the first packet
const RESTARTS = 2;
const BUILD_MS = 8000; // a new connection has so long to come up, at first
const BUILD_MOST_MS = 30_000;

type Mend = '' | 'restart' | 'rebuild';

/** Decides for one stream's connections, one after the other. Pure. */
export class Mender {
  #pulse: Pulse;
  #up = false; // this connection has been up
  #lost = 0; // since when it is broken; 0: it is not
  #built = 0;
  #restarted = 0; // when last; 0: not since it broke
  #restarts = 0;
  #attempt = 0; // connections that did not come up
  #last = 0; // sign of life
  #proof: number; // ms within which a doubted path must show one

  /** patience and trial: ms of silence of a path, and of a doubted one. dice: random in 0..1. */
  constructor(
    private readonly patience: number,
    private readonly trial: number,
    private readonly dice: () => number = Math.random,
  ) {
    this.#pulse = new Pulse(patience);
    this.#proof = trial;
  }

  get broken(): boolean {
    return this.#lost > 0;
  }

  /** A new connection is being made. */
  built(at: number): void {
    this.#pulse = new Pulse(this.patience);
    this.#up = false;
    this.#built = at;
    this.#lost = this.#restarted = this.#restarts = 0;
  }

  connected(at: number): void {
    this.#up = true;
    this.#attempt = 0;
    this.#mended(at);
  }

  /** The browser says that nothing gets through. */
  disconnected(at: number): void {
    if (this.#up && !this.#lost) this.#lost = at;
  }

  /** proof: ms that the path has to show a sign of life. */
  doubt(at: number, proof = this.trial): void {
    this.#proof = proof;
    this.#pulse.doubt(at);
  }

  /** What was received so far; see life. */
  beat(at: number, received: number, checked: boolean): void {
    if (this.#pulse.beat(at, received, checked)) {
      this.#last = at;
      // Life after a restart is what it was for; before one, the browser's word counts.
      if (this.#lost && this.#restarted) this.#mended(at);
    }
    if (this.#up && !this.#lost && this.#pulse.gone(at, this.#proof)) this.#lost = at;
  }

  #mended(at: number): void {
    this.#lost = this.#restarted = this.#restarts = 0;
    this.#last = at;
    this.#pulse.restart(at);
  }

  /** What to do now; each answer but '' is given once. open: the socket is, so an offer would get there. */
  next(at: number, open: boolean): Mend {
    if (!open) {
      if (!this.#up) this.#built = at; // nobody could answer: the time does not count
      return '';
    }
    if (!this.#up) {
      const wait = Math.min(BUILD_MOST_MS, BUILD_MS * 1.5 ** this.#attempt) * (0.8 + 0.4 * this.dice());
      return at - this.#built >= wait ? this.#rebuild(at) : '';
    }
    if (!this.#lost) return '';
    if (at - this.#last >= FORGOTTEN_MS) return this.#rebuild(at);
    if (this.#restarted && at - this.#restarted < AGAIN_MS) return '';
    if (this.#restarts >= RESTARTS) return this.#rebuild(at);
    this.#restarted = at;
    this.#restarts++;
    return 'restart';
  }

  #rebuild(at: number): Mend {
    this.#attempt++;
    this.#built = at;
    return 'rebuild';
  }
}
