import { unreadable, type Pictures } from './book';
import { w } from './words';

// From what is drawn to the pictures that viewers get.

const MAX_PICTURE = 1_500_000; // bytes of one page's picture; the server refuses more
const LARGE = 1920; // pixels of the longer side
const SMALL = 960;

export function canvasOf(width: number, height: number): HTMLCanvasElement {
  const c = document.createElement('canvas');
  c.width = Math.max(1, Math.round(width));
  c.height = Math.max(1, Math.round(height));
  return c;
}

export function paint(to: HTMLCanvasElement, from: CanvasImageSource): void {
  const g = to.getContext('2d');
  if (!g) throw unreadable('canvas', w.value.noReader);
  g.fillStyle = '#fff'; // what is transparent in a picture is paper
  g.fillRect(0, 0, to.width, to.height);
  g.imageSmoothingQuality = 'high';
  g.drawImage(from, 0, 0, to.width, to.height);
}

/** How much a page of such a size is enlarged to fill the large picture. */
export const scaleFor = (width: number, height: number): number => LARGE / Math.max(width, height);

/** Both sizes of what is drawn. */
export async function pictures(large: HTMLCanvasElement): Promise<Pictures> {
  const k = SMALL / Math.max(large.width, large.height);
  if (k >= 1) {
    const l = await compress(large);
    return { l, s: l };
  }
  const small = canvasOf(large.width * k, large.height * k);
  paint(small, large);
  const [l, s] = await Promise.all([compress(large), compress(small)]); // browsers compress beside the page's own thread
  return { l, s };
}

/** WebP, or PNG where the browser writes none; smaller or coarser until it fits. */
async function compress(canvas: HTMLCanvasElement): Promise<Blob> {
  for (const quality of [0.86, 0.7, 0.5]) {
    const b = await blobOf(canvas, quality);
    if (b.size <= MAX_PICTURE) return b;
    if (b.type !== 'image/webp') break;
  }
  const next = canvasOf(canvas.width * 0.75, canvas.height * 0.75);
  paint(next, canvas);
  return compress(next);
}

function blobOf(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((b) => (b ? resolve(b) : reject(unreadable('canvas', w.value.noReader))), 'image/webp', quality);
  });
}
