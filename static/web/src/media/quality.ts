import { signal } from '@preact/signals';
import type { Quality } from '../wire.gen';
import { rounded } from './usage';

// What picture this device wants at most. Chosen once, remembered on the device.

export type Pin = Quality['pin'];
export const PINS: Pin[] = ['auto', 'medium', 'low', 'voice', 'save'];

/** MB (10^6 bytes) an hour of a camera with a voice at each choice, headers included: what to expect before it is measured. */
export const NOMINAL_MB: Record<Pin, number> = { auto: 800, medium: 225, low: 85, save: 60, voice: 30 };

/** MB an hour: measured, or about what the server sends of what plays (kbps of its rung; 0: not told), or what the choice usually takes. */
export function cost(measured: number, playing: boolean, kbps: number, pin: Pin): { mb: number; about: boolean } {
  if (measured > 0) return { mb: measured, about: false };
  return { mb: rounded(playing && kbps > 0 ? kbps * 0.45 : NOMINAL_MB[pin]), about: true };
}

const KEY = 'betang.quality';

interface NetworkInformation extends EventTarget {
  readonly saveData?: boolean;
  readonly type?: string;
  readonly metered?: boolean;
}
const network = (): NetworkInformation | undefined =>
  (navigator as Navigator & { connection?: NetworkInformation }).connection;

/** Why a device that has not chosen begins with little: its owner asked the browser to save, or pays by the megabyte. */
type Frugal = '' | 'saver' | 'cellular';

export function frugal(n: NetworkInformation | undefined): Frugal {
  if (n?.saveData) return 'saver';
  return n?.type === 'cellular' || n?.metered ? 'cellular' : '';
}

function stored(): Pin | null {
  try {
    const v = localStorage.getItem(KEY);
    return PINS.find((p) => p === v) ?? null;
  } catch {
    return null; // kept for this page only
  }
}

/** A device's choice. */
export class Choice {
  readonly pin = signal<Pin>('auto');
  /** The choice was made by the kind of network, not by the person: say so. */
  readonly because = signal<Frugal>('');

  constructor() {
    const mine = stored();
    this.because.value = mine ? '' : frugal(network());
    this.pin.value = mine ?? (this.because.value ? 'save' : 'auto');
  }

  choose(pin: Pin): void {
    this.pin.value = pin;
    this.because.value = '';
    try {
      localStorage.setItem(KEY, pin);
    } catch {
      // kept for this page only
    }
  }
}
