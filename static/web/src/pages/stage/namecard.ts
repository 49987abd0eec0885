const EVERY_MS = 250; // often enough that a late joiner's first frame comes soon

/**
 * A moving picture of a name, for when there is no camera or it is off. The camera itself is let go, so its light
 * goes out, and viewers see who speaks instead of a frozen frame. Stop the track to end it.
 */
export function nameCard(name: string): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = 1280;
  canvas.height = 720;
  const g = canvas.getContext('2d', { alpha: false });
  const draw = () => g && paint(g, name);
  draw();
  const stream = (canvas as HTMLCanvasElement & { captureStream(fps: number): MediaStream }).captureStream(4);
  const track = stream.getVideoTracks()[0];
  if (!track) throw new Error('a canvas gave no video track');
  const timer = setInterval(() => (track.readyState === 'ended' ? clearInterval(timer) : draw()), EVERY_MS);
  return track;
}

function paint(g: CanvasRenderingContext2D, name: string): void {
  const { width, height } = g.canvas;
  g.fillStyle = '#0a2f2c';
  g.fillRect(0, 0, width, height);
  g.fillStyle = '#0e423d';
  g.beginPath();
  g.arc(width / 2, height * 0.4, 150, 0, 2 * Math.PI);
  g.fill();
  g.fillStyle = '#ecc873';
  g.textAlign = 'center';
  g.textBaseline = 'middle';
  g.font = '600 120px system-ui, sans-serif';
  g.fillText(initials(name), width / 2, height * 0.4 + 6);
  g.fillStyle = '#ffffff';
  let size = 56;
  do g.font = `600 ${size}px system-ui, sans-serif`;
  while (g.measureText(name).width > width * 0.9 && --size > 24);
  g.fillText(name, width / 2, height * 0.78, width * 0.9);
}

/** "Sri Wahyuni" -> "SW". Titles before the name ("Dr.") and after a comma do not count. */
export function initials(name: string): string {
  const words = (name.split(',')[0] ?? '').split(/\s+/).filter((x) => /^\p{L}/u.test(x) && !x.endsWith('.'));
  return [words[0], words.length > 1 ? words[words.length - 1] : ''].map((x) => (x ?? '').charAt(0).toUpperCase()).join('');
}
