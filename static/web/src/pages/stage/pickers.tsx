import { useEffect, useId, useState } from 'preact/hooks';
import { devices, followDevices } from '../../media/devices';
import type { Studio } from './studio';
import { w } from './words';

/** Which camera and microphone, and whether the microphone hears something. */
export function Pickers({ studio }: { studio: Studio }) {
  const ids = { cam: useId(), mic: useId(), music: useId() };
  const x = w.value;
  const sign = studio.kind === 'interpreter';
  useEffect(followDevices, []);
  const { cameras, microphones } = devices.value;
  const cam = studio.picture.value?.getVideoTracks()[0]?.getSettings().deviceId ?? 'none';
  const mic = studio.sound.value?.getSettings().deviceId ?? '';
  const name = (d: MediaDeviceInfo, i: number) => d.label || x.deviceN(i + 1);
  return (
    <div class="pickers">
      <div class="field">
        <label for={ids.cam}>{x.camera}</label>
        <select id={ids.cam} class="input" value={cam} data-testid="pick-camera"
          onChange={(e) => {
            const v = e.currentTarget.value;
            void (v === 'none' ? studio.setCamera(false) : studio.chooseCamera(v));
          }}>
          {cameras.map((d, i) => <option key={d.deviceId} value={d.deviceId}>{name(d, i)}</option>)}
          {!sign && <option value="none">{x.voiceOnly}</option>}
          {sign && cam === 'none' && <option value="none">{x.noCamera}</option>}
        </select>
      </div>
      {!sign && (
        <>
          <div class="field">
            <label for={ids.mic}>{x.microphone}</label>
            <select id={ids.mic} class="input" value={mic} data-testid="pick-microphone"
              onChange={(e) => void studio.chooseMicrophone(e.currentTarget.value)}>
              {!mic && <option value="">{x.noneFound}</option>}
              {microphones.map((d, i) => <option key={d.deviceId} value={d.deviceId}>{name(d, i)}</option>)}
            </select>
            <Meter studio={studio} hint />
          </div>
          <div class="tick">
            <input id={ids.music} type="checkbox" checked={studio.choice.value.music === true} data-testid="pick-music"
              onChange={(e) => void studio.setMusic(e.currentTarget.checked)} />
            <label for={ids.music}>
              {x.music}
              <span class="small muted">{x.musicHint}</span>
            </label>
          </div>
        </>
      )}
    </div>
  );
}

const HEARD = 0.35; // about -39 dBFS: speech near a microphone is well above
const SILENT_MS = 6000;

/** A level meter; with hint it also says in words whether anything was heard. */
export function Meter({ studio, hint = false }: { studio: Studio; hint?: boolean }) {
  const level = studio.level.value;
  const [heard, setHeard] = useState<'wait' | 'yes' | 'no'>('wait');
  useEffect(() => {
    setHeard('wait');
    if (!level) return;
    let last = 0;
    const started = performance.now();
    const stop = level.value.subscribe((v) => {
      const at = performance.now();
      if (v >= HEARD) last = at;
      setHeard(last && at - last < SILENT_MS ? 'yes' : at - Math.max(last, started) > SILENT_MS ? 'no' : 'wait');
    });
    return stop;
  }, [level]);
  const x = w.value;
  const on = studio.micOn.value && level !== null;
  const v = on ? (level?.value.value ?? 0) : 0;
  return (
    <div class="level-box">
      <div class={`level ${v >= HEARD ? 'heard' : ''}`} role="meter" aria-label={x.level} aria-valuemin={0} aria-valuemax={100}
        aria-valuenow={Math.round(v * 100)} data-testid="level">
        <span style={{ transform: `scaleX(${v.toFixed(3)})` }} />
      </div>
      {hint && (
        <p class={`small ${heard === 'no' && on ? 'warn' : 'muted'}`} role="status">
          {!on ? x.muted : heard === 'yes' ? x.levelGood : heard === 'no' ? x.levelSilent : x.levelHint}
        </p>
      )}
    </div>
  );
}
