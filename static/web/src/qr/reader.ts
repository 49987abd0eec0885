import type { DecodeQR } from 'qr/decode.js';

/** Reads the QR code in a picture of a camera; "" for none. */
export type Read = (v: HTMLVideoElement) => Promise<string>;

interface Detector {
  detect(of: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
interface Native {
  new (o: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

const LONGEST = 960; // px of the picture that is searched: a code on a wall is small in it, and a phone still keeps up

async function native(): Promise<Detector | null> {
  const Its = (window as unknown as { BarcodeDetector?: Native }).BarcodeDetector;
  try {
    if (Its && (await Its.getSupportedFormats()).includes('qr_code')) return new Its({ formats: ['qr_code'] });
  } catch {
    // the browser has the name but not the thing
  }
  return null;
}

let fetched: Promise<DecodeQR> | null = null;
/** Fetches our own decoder (14 kB), for browsers without one: Firefox, Safari, Chromium on computers. */
const own = (): Promise<DecodeQR> => {
  fetched ??= import('qr/decode.js').then((m) => m.decodeQR, (e: unknown) => {
    fetched = null;
    throw e;
  });
  return fetched;
};

/** Has at hand what reading takes, so that it works later without a network. */
export async function prepare(): Promise<void> {
  if (!(await native())) await own();
}

/** The browser's own detector where there is one that works, else ours. */
export async function reader(): Promise<Read> {
  let its = await native();
  const decode = its ? null : await own();
  const paper = document.createElement('canvas');
  const ours = (decodeQR: DecodeQR, v: HTMLVideoElement): string => {
    const scale = Math.min(1, LONGEST / Math.max(v.videoWidth, v.videoHeight));
    const [w, h] = [Math.round(v.videoWidth * scale), Math.round(v.videoHeight * scale)];
    if (!w || !h) return '';
    if (paper.width !== w || paper.height !== h) Object.assign(paper, { width: w, height: h });
    const c = paper.getContext('2d', { willReadFrequently: true });
    if (!c) return '';
    c.drawImage(v, 0, 0, w, h);
    try {
      return decodeQR(c.getImageData(0, 0, w, h), { timeLimit: 60 });
    } catch {
      return ''; // no code in this picture
    }
  };
  return async (v) => {
    if (its) {
      try {
        return (await its.detect(v))[0]?.rawValue ?? '';
      } catch {
        its = null; // an Android without Play services has it in name only
      }
    }
    return ours(decode ?? (await own()), v);
  };
}
