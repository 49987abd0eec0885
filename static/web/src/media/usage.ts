// How much data this page really takes, from what its transport counted: the honest figure beside "Mode hemat data".

const HEADERS = 28; // bytes of IPv4 and UDP around each packet; the browser counts from RTP and DTLS on
const WINDOW_MS = 12_000;
const LEAST_MS = 5000; // before that a figure would be made of a keyframe

/** Adds up to MB (10^6 bytes) an hour over the last seconds. Pure. */
export class Usage {
  #log: { at: number; bytes: number }[] = [];

  /** Counters of a connection, which only rise; a new connection begins with restart(). */
  add(at: number, bytes: number, packets: number): void {
    this.#log.push({ at, bytes: bytes + packets * HEADERS });
    while (this.#log.length > 2 && at - (this.#log[1]?.at ?? at) >= WINDOW_MS) this.#log.shift();
  }

  restart(): void {
    this.#log = [];
  }

  /** 0 while there is too little to tell. */
  mbPerHour(): number {
    const first = this.#log[0];
    const last = this.#log[this.#log.length - 1];
    if (!first || !last || last.at - first.at < LEAST_MS) return 0;
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 3.6;
  }
}

/** As it is shown: no more digits than the figure deserves. */
export const rounded = (mb: number): number => (mb < 20 ? Math.round(mb) : mb < 200 ? Math.round(mb / 5) * 5 : Math.round(mb / 10) * 10);
