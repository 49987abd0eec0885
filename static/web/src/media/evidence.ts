import { MaxPlayingMs, type Playing } from '../wire.gen';
import { life } from './pulse';

// Evidence class "decoded": what this device decoded and played. It is sampled every second, so that a stall of some
// seconds is not counted, and reported every 5 s.

/** Sums of one moment over all slots. */
export interface Sample {
  at: number; // performance.now
  frames: number; // video frames decoded
  audioMs: number; // audio played that came from the network, not from concealment
  bytes: number; // received by the transport
  packets: number;
  life: number; // see life
  checked: boolean;
}

/** Samples are taken every second; timers of hidden pages may be late by as much again. */
const SAMPLE_MS = 2000;

interface Inbound extends RTCInboundRtpStreamStats {
  totalSamplesReceived?: number;
  concealedSamples?: number;
  framesDecoded?: number;
}

/** Reads getStats. Audio counts only while an element really plays it (hearing). */
export async function sample(pc: RTCPeerConnection, hearing: boolean): Promise<Sample> {
  let frames = 0;
  let audioMs = 0;
  let bytes = 0;
  let packets = 0;
  const report = await pc.getStats();
  report.forEach((s: Inbound & { type: string; bytesReceived?: number }) => {
    if (s.type === 'transport') {
      bytes += s.bytesReceived ?? 0;
      packets += s.packetsReceived ?? 0;
    }
    if (s.type !== 'inbound-rtp') return;
    if (s.kind === 'video') frames += s.framesDecoded ?? 0;
    else if (hearing && s.packetsReceived) {
      // Opus always runs at 48 kHz. Slots play at the same time: the busiest one is the time heard.
      const real = (s.totalSamplesReceived ?? 0) - (s.concealedSamples ?? 0);
      audioMs = Math.max(audioMs, real / 48);
    }
  });
  const { received, checked } = life(report);
  return { at: performance.now(), frames, audioMs, bytes, packets, life: received, checked };
}

/** Adds samples up to what the next report says. Pure. */
export class Evidence {
  #last: Sample | null = null;
  #ms = 0;
  #frames = 0;
  #audio = 0;

  /** A second in which nothing new was decoded adds nothing. */
  add(s: Sample): void {
    const last = this.#last;
    this.#last = s;
    if (!last) return;
    const dt = s.at - last.at;
    const frames = Math.max(0, s.frames - last.frames);
    // A tab that was frozen plays on: believe the audio clock, but never more than the wall's.
    const audio = Math.min(dt, Math.max(0, s.audioMs - last.audioMs));
    this.#frames += frames;
    this.#audio += audio;
    // One frame after a long sleep does not prove the sleep; samples of sound prove their own length.
    this.#ms += Math.max(audio, frames > 0 ? Math.min(dt, SAMPLE_MS) : 0);
  }

  /** Starts over with a new connection, whose counters begin at zero; what was gathered stays. */
  restart(): void {
    this.#last = null;
  }

  /** What to report, or null when nothing was decoded. Begins the next period. */
  take(visible: boolean): Playing | null {
    if (this.#ms <= 0) return null;
    const p: Playing = {
      ms: Math.min(MaxPlayingMs, Math.round(this.#ms)),
      frames: this.#frames,
      audio: Math.min(MaxPlayingMs, Math.round(this.#audio)),
      visible,
    };
    this.#ms = this.#frames = this.#audio = 0;
    return p;
  }
}
