import { signal } from '@preact/signals';

/** Why a camera or microphone could not be had. */
export type CaptureProblem = 'denied' | 'missing' | 'busy' | 'other';

export function captureProblem(e: unknown): CaptureProblem {
  const name = e instanceof DOMException || e instanceof Error ? e.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'other';
}

export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}
export const devices = signal<Devices>({ cameras: [], microphones: [] });

/** Lists the devices, now and whenever one is plugged in. Names are empty before a permission was given. */
async function listDevices(): Promise<void> {
  const all = await navigator.mediaDevices.enumerateDevices();
  devices.value = {
    cameras: all.filter((d) => d.kind === 'videoinput' && d.deviceId),
    microphones: all.filter((d) => d.kind === 'audioinput' && d.deviceId),
  };
}
export function followDevices(): () => void {
  const on = () => void listDevices();
  navigator.mediaDevices.addEventListener('devicechange', on);
  on();
  return () => navigator.mediaDevices.removeEventListener('devicechange', on);
}

/** Calls then when what stood in the way may be gone: a permission was given, or a device plugged in. Returns the end of it. */
export function onCaptureHope(then: () => void): () => void {
  const end = new AbortController();
  const { signal } = end;
  navigator.mediaDevices?.addEventListener('devicechange', then, { signal });
  for (const name of ['camera', 'microphone'] as PermissionName[]) {
    navigator.permissions?.query({ name }).then((p) => {
      p.addEventListener('change', () => p.state === 'granted' && then(), { signal });
    }, () => {}); // Firefox does not know these names
  }
  return () => end.abort();
}

export interface Choice {
  camera?: string; // deviceId; absent: the browser's default
  microphone?: string;
  /** Speech: echo and noise are taken out. Music: the sound is left as it is (Indonesia Raya, tarian). */
  music?: boolean;
  /** One face among many: 360p. */
  small?: boolean;
}

/** Opens camera and microphone, or one of them: 720p at 30, mono speech. Throws what getUserMedia throws. */
export async function openCamera(c: Choice, video = true, audio = true): Promise<MediaStream> {
  const clean = !c.music;
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: audio && {
      ...(c.microphone ? { deviceId: { exact: c.microphone } } : {}),
      echoCancellation: clean,
      noiseSuppression: clean,
      autoGainControl: clean,
      channelCount: clean ? 1 : 2,
    },
    video: video && {
      ...(c.camera ? { deviceId: { exact: c.camera } } : {}),
      width: { ideal: c.small ? 640 : 1280 },
      height: { ideal: c.small ? 360 : 720 },
      frameRate: { ideal: c.small ? 24 : 30, max: 30 },
    },
  });
  void listDevices();
  return stream;
}

/** Asks for a screen, window or tab, with its sound where the browser can. Throws what getDisplayMedia throws. */
export async function openScreen(): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: { frameRate: { ideal: 15, max: 30 }, width: { max: 1920 }, height: { max: 1080 } },
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  for (const t of stream.getVideoTracks()) t.contentHint = 'detail';
  return stream;
}

/** How loud a microphone is, 0 to 1, for a meter. Publishing pages only: viewers never open an AudioContext. */
export class Level {
  readonly value = signal(0);
  #ctx: AudioContext;
  #timer: number;

  constructor(stream: MediaStream) {
    this.#ctx = new AudioContext();
    const analyser = this.#ctx.createAnalyser();
    analyser.fftSize = 1024;
    const audio = stream.getAudioTracks();
    if (audio.length) this.#ctx.createMediaStreamSource(new MediaStream(audio)).connect(analyser);
    const buf = new Float32Array(analyser.fftSize);
    this.#timer = window.setInterval(() => {
      if (this.#ctx.state === 'suspended') void this.#ctx.resume();
      analyser.getFloatTimeDomainData(buf);
      let sum = 0;
      for (const x of buf) sum += x * x;
      // -60 dBFS is silence, 0 dBFS full: the scale a person hears.
      const db = 20 * Math.log10(Math.sqrt(sum / buf.length) || 1e-6);
      this.value.value = Math.max(0, Math.min(1, (db + 60) / 60));
    }, 80);
  }

  close(): void {
    clearInterval(this.#timer);
    void this.#ctx.close();
  }
}
