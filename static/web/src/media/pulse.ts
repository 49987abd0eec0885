// Is anything still coming over this connection? The browser's own word ("disconnected") takes some seconds; a network that
// was switched, or a phone that slept, is asked sooner.

/** Counts what a connection received so far: packets of any kind, and answers to its own checks. It only rises. */
export function life(report: RTCStatsReport): { received: number; checked: boolean } {
  let received = 0;
  let checked = false;
  report.forEach((s: { type: string; bytesReceived?: number; responsesReceived?: number }) => {
    if (s.type === 'transport' || s.type === 'inbound-rtp') received += s.bytesReceived ?? 0;
    else if (s.type === 'candidate-pair' && s.responsesReceived !== undefined) {
      received += s.responsesReceived;
      checked = true;
    }
  });
  return { received, checked };
}

const BLIND_MS = 3000; // more patience where the browser does not count answered checks: a silent stage sends nothing else

/** Watches one connection. Pure. */
export class Pulse {
  #received = -1;
  #at = 0; // of the last sign of life
  #checked = true;
  #doubt = 0; // since when it is doubted; 0: it is not

  /** patience: ms of silence that are borne. An idle connection's own checks come every 2.5 s. */
  constructor(private readonly patience: number) {}

  /** Takes a reading; true: something came since the last one. */
  beat(at: number, received: number, checked: boolean): boolean {
    const first = this.#received < 0;
    const alive = received > this.#received;
    this.#checked = checked;
    this.#received = received;
    if (first || alive) this.#at = at;
    if (alive && !first) this.#doubt = 0;
    return alive && !first;
  }

  /** Something happened to the network: the next moment must prove that the path still works. */
  doubt(at: number): void {
    this.#doubt ||= at;
  }

  /** Nothing has come for too long. trial: ms that a doubted path has to prove itself. */
  gone(at: number, trial: number): boolean {
    if (this.#received < 0) return false; // no reading yet
    if (this.#doubt && at - this.#doubt >= trial) return true;
    return at - this.#at >= this.patience + (this.#checked ? 0 : BLIND_MS);
  }

  /** A new path is being tried: the count starts over. */
  restart(at: number): void {
    this.#at = at;
    this.#doubt = 0;
  }
}
