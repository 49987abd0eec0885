import { useEffect, useRef, useState } from 'preact/hooks';
import { Camera, CameraOff } from 'lucide-preact';
import { Spinner } from '../ui/parts';
import { reader } from './reader';
import './scanner.css';
import { w } from './words';

const EVERY_MS = 150; // between two looks
const STAYS_MS = 5000; // a code that stays before the camera counts once

type State = 'off' | 'starting' | 'on' | 'denied' | 'none';

/** A camera that reads QR codes. It stays on from one to the next; onText may stop it by unmounting the scanner. */
export function Scanner(p: { onText: (text: string) => void; testid: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<State>('off');
  const on = state === 'starting' || state === 'on';
  const heard = useRef(p.onText);
  heard.current = p.onText;
  useEffect(() => {
    if (!on) return;
    let over = false;
    let stream: MediaStream | null = null;
    const seen = new Map<string, number>();
    void (async () => {
      try {
        const [read, got] = await Promise.all([
          reader(),
          navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false }),
        ]);
        stream = got;
        const v = video.current;
        if (over || !v) return stream.getTracks().forEach((s) => s.stop());
        v.srcObject = stream;
        await v.play();
        setState('on');
        while (!over) {
          const text = await read(v);
          if (text && !over) {
            const last = seen.get(text) ?? -Infinity;
            seen.set(text, performance.now());
            if (performance.now() - last > STAYS_MS) {
              navigator.vibrate?.(80);
              heard.current(text);
            }
          }
          await new Promise((next) => setTimeout(next, EVERY_MS));
        }
      } catch (e) {
        stream?.getTracks().forEach((s) => s.stop());
        if (!over) setState((e as Error).name === 'NotAllowedError' ? 'denied' : 'none');
      }
    })();
    return () => {
      over = true;
      stream?.getTracks().forEach((s) => s.stop());
    };
  }, [on]);
  const x = w.value;
  return (
    <div class="scanner" data-testid={p.testid} data-state={state}>
      <button type="button" class={`btn${on ? ' quiet' : ''} wide`} onClick={() => setState(on ? 'off' : 'starting')}
        data-testid={`${p.testid}-camera`}>
        {on ? <CameraOff size={20} aria-hidden="true" /> : <Camera size={20} aria-hidden="true" />}
        {on ? x.stop : x.start}
      </button>
      {on && (
        <div class="scanner-view">
          <video ref={video} playsInline muted aria-label={x.picture} />
          {state === 'on' && <span class="scanner-frame" aria-hidden="true" />}
        </div>
      )}
      <div role="status">
        {state === 'starting' && <Spinner label={x.starting} />}
        {state === 'on' && <p class="small">{x.looking}</p>}
        {(state === 'denied' || state === 'none') && <p class="banner">{x[state]}</p>}
      </div>
    </div>
  );
}
