import { useEffect, useState } from 'preact/hooks';
import { setTitle } from '../../a11y';
import type { PageProps } from '../../app';
import { Masthead } from '../../ui/parts';
import { Devices, type DeviceOutcome } from './devices';
import { Network, type Outcome } from './network';
import { Send } from './send';
import './uji.css';
import { w } from './words';

/** Uji perangkat: opened a day ahead by anybody, with or without an event. */
export default function Uji({ event }: PageProps) {
  const x = w.value;
  const [out, setOut] = useState<Outcome | null>(null);
  const [devices, setDevices] = useState<DeviceOutcome>({ sound: false, camera: false, mic: false });
  useEffect(() => setTitle(x.title), [x]);
  return (
    <>
      <Masthead />
      <main id="main" class="page uji stack">
        <div>
          <h1>{x.title}</h1>
          <p class="muted">{x.lead}</p>
        </div>
        <div class="uji-grid">
          <Network onDone={setOut} />
          <Devices onNote={(o) => setDevices((d) => ({ ...d, ...o }))} />
        </div>
        {out && <Send event={event} out={out} devices={devices} />}
      </main>
    </>
  );
}
