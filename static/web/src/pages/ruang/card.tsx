import { useEffect, useRef, useState } from 'preact/hooks';
import { Camera, CameraOff } from 'lucide-preact';
import { announce } from '../../a11y';
import { Field } from '../../ui/parts';
import { toast } from '../staff/toast';
import type { HallProps } from './hall';
import { w } from './words';

interface Detector {
  detect(of: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

/** The code in what a personal card's QR says: the code alone, or at the end of an address. */
export function codeIn(text: string): string {
  const code = (text.split(/[#/=]/).at(-1) ?? '').toUpperCase().replace(/[^0-9A-Z]/g, '');
  return code.length >= 6 && code.length <= 32 ? code : '';
}

async function detector(): Promise<Detector | null> {
  const w = window as unknown as { BarcodeDetector?: { new (o: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> } };
  try {
    if (w.BarcodeDetector && (await w.BarcodeDetector.getSupportedFormats()).includes('qr_code')) {
      return new w.BarcodeDetector({ formats: ['qr_code'] });
    }
  } catch {
    // the browser has the name but not the thing
  }
  return null;
}

/** Personal cards, by camera or typed: works without a network, the server looks the code up when it hears of it. */
export function Card(p: HallProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [on, setOn] = useState(false);
  const [able, setAble] = useState<boolean | null>(null);
  const [out, setOut] = useState(false);
  const [code, setCode] = useState('');
  const x = w.value;
  const going = useRef(out);
  going.current = out;
  const record = async (c: string) => {
    await p.sender.add({ hall: p.hall.id, person: '', nip: '', code: c, name: c, out: going.current, how: 'card', reason: x.tabCard, file: '' });
    announce(x.cardRead(c));
    toast('good', x.cardRead(c));
  };
  useEffect(() => void detector().then((d) => setAble(d !== null && Boolean(navigator.mediaDevices))), []);
  useEffect(() => {
    if (!on) return;
    let over = false;
    let stream: MediaStream | null = null;
    const seen = new Map<string, number>();
    void (async () => {
      try {
        const d = await detector();
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
        const v = video.current;
        if (over || !d || !v) return stream.getTracks().forEach((s) => s.stop());
        v.srcObject = stream;
        await v.play();
        while (!over) {
          for (const found of await d.detect(v).catch(() => [])) {
            const c = codeIn(found.rawValue);
            const last = seen.get(c) ?? -Infinity;
            seen.set(c, performance.now()); // a card that stays before the camera counts once
            if (c && performance.now() - last > 5000) await record(c);
          }
          await new Promise((next) => setTimeout(next, 250));
        }
      } catch {
        setAble(false);
        setOn(false);
      }
    })();
    return () => {
      over = true;
      stream?.getTracks().forEach((s) => s.stop());
    };
  }, [on]);
  const submit = (e: Event) => {
    e.preventDefault();
    const c = codeIn(code);
    if (!c) return;
    void record(c);
    setCode('');
  };
  return (
    <div class="stack">
      <p>{x.cardLead}</p>
      <fieldset class="row rb-way">
        <legend>{x.direction}</legend>
        <label><input type="radio" name="way" checked={!out} onChange={() => setOut(false)} /> {x.in}</label>
        <label><input type="radio" name="way" checked={out} onChange={() => setOut(true)} /> {x.out}</label>
      </fieldset>
      {able && (
        <button type="button" class={`btn${on ? ' quiet' : ''}`} onClick={() => setOn(!on)} data-testid="card-camera">
          {on ? <CameraOff size={20} aria-hidden="true" /> : <Camera size={20} aria-hidden="true" />}
          {on ? x.cardStop : x.cardStart}
        </button>
      )}
      {on && <video ref={video} class="rb-camera" playsInline muted aria-label={x.tabCard} />}
      {able === false && <p class="muted">{x.cardNone}</p>}
      <form class="row rb-type" onSubmit={submit}>
        <Field label={x.cardCode}>
          {(a) => (
            <input {...a} class="input" autoCapitalize="characters" autoComplete="off" spellcheck={false} maxLength={40} value={code}
              onInput={(e) => setCode(e.currentTarget.value)} data-testid="card-code" />
          )}
        </Field>
        <button type="submit" class="btn" data-testid="card-add">{out ? x.out : x.in}</button>
      </form>
    </div>
  );
}
