import { useEffect, useState } from 'preact/hooks';
import { CameraOff, DoorOpen, LockKeyhole, Mic, MicOff, Radio, TriangleAlert, Video as VideoGlyph, VideoOff } from 'lucide-preact';
import { sentence, t } from '../../i18n';
import { onCaptureHope } from '../../media/devices';
import { event, may, stage, you } from '../../store/state';
import { Spinner } from '../../ui/parts';
import { toast } from '../staff/toast';
import { Video } from '../staff/video';
import './devices.css';
import { Pickers } from './pickers';
import type { Studio } from './studio';
import { w } from './words';

/** Before going live: see oneself, choose devices, hear that the microphone works. */
export function Check({ studio }: { studio: Studio }) {
  const x = w.value;
  const sign = studio.kind === 'interpreter';
  return (
    <section class="check" aria-labelledby="check-h">
      <div class="check-pic">
        <Preview studio={studio} />
        {studio.ready.value && (
          <div class="row check-toggles">
            {!sign && <MicButton studio={studio} />}
            <CamButton studio={studio} />
            <button type="button" class="btn bare small" onClick={() => studio.close()} data-testid="devices-off">
              {x.devicesOff}
            </button>
          </div>
        )}
      </div>
      <div class="check-side">
        <div>
          <h2 id="check-h">{x.checkTitle}</h2>
          <p class="muted">{x.checkLead}</p>
        </div>
        {studio.ready.value ? <Ready studio={studio} /> : <NotReady studio={studio} />}
      </div>
    </section>
  );
}

function Ready({ studio }: { studio: Studio }) {
  const x = w.value;
  const sign = studio.kind === 'interpreter';
  const phase = event.value?.phase;
  const starting = studio.where.value === 'starting';
  const lacking = sign && !studio.picture.value; // an interpreter without a picture says nothing
  const blocked = starting || lacking || !may('backstage');
  const gate = stage.value.gate && you.value?.role !== 'operator';
  const go = async (behind: boolean) => {
    if (blocked) return;
    try {
      await studio.goLive(behind);
    } catch (e) {
      toast('error', x.goLiveFailed, sentence(e));
    }
  };
  const what = sign
    ? x.goLiveSign
    : phase === 'scheduled' ? x.goLiveStarts : phase === 'paused' ? x.goLivePaused : x.goLiveNow;
  return (
    <>
      <Pickers studio={studio} />
      <div class="stack go">
        {you.value?.name && <p>{x.youAre(you.value.name)}</p>}
        <button type="button" class="btn gold go-live" aria-disabled={blocked} onClick={() => void go(gate)} data-testid="go-live">
          {starting ? <span class="spinner" aria-hidden="true" /> : gate
            ? <DoorOpen size={24} aria-hidden="true" /> : <Radio size={24} aria-hidden="true" />}
          {starting ? x.starting : gate ? x.goBehind : t.value.goLive}
        </button>
        <p class="small muted">{gate ? x.goBehindHint : what}</p>
        {!gate && !starting && (
          <button type="button" class="btn quiet" aria-disabled={blocked} onClick={() => void go(true)} data-testid="go-behind">
            <DoorOpen size={20} aria-hidden="true" />
            {x.goBehindFirst}
          </button>
        )}
      </div>
    </>
  );
}

/** Why there is no picture and sound yet, and what to do about it. */
export function NotReady({ studio }: { studio: Studio }) {
  const x = w.value;
  const sign = studio.kind === 'interpreter';
  const p = studio.problem.value;
  const again = () => void studio.open();
  useEffect(() => (p === 'denied' || p === 'missing' ? onCaptureHope(again) : undefined), [p, studio]);
  if (studio.opening.value) {
    return (
      <div class="stack" data-testid="asking">
        <Spinner label={sign ? x.askingSign : x.asking} />
        <p class="muted">{x.askingHint}</p>
      </div>
    );
  }
  if (studio.off.value) {
    return (
      <div class="stack">
        <p>{x.devicesAreOff}</p>
        <p>
          <button type="button" class="btn" onClick={again} data-testid="devices-on">
            {sign ? x.devicesOnSign : x.devicesOn}
          </button>
        </p>
      </div>
    );
  }
  const told: Record<string, { title: string; text?: string; steps?: string[] }> = {
    denied: { title: x.deniedTitle, steps: [x.denied1, x.denied2, x.denied3] },
    missing: sign
      ? { title: x.missingTitleSign, text: x.missingTextSign }
      : { title: x.missingTitle, text: x.missingText },
    busy: { title: x.busyTitle, text: x.busyText },
    other: { title: x.otherTitle, text: x.otherText },
    secure: { title: x.secureTitle, text: x.secureText },
    capture: { title: x.webrtcTitle, text: x.webrtcText },
    webrtc: { title: x.webrtcTitle, text: x.webrtcText },
  };
  const now = told[p] ?? told['other'];
  const hopeless = p === 'secure' || p === 'capture' || p === 'webrtc';
  const Icon = p === 'denied' ? LockKeyhole : p === 'missing' ? CameraOff : TriangleAlert;
  return (
    <div class="stack trouble" role="alert" data-testid={`device-${p}`}>
      <h3><Icon size={22} aria-hidden="true" />{now?.title}</h3>
      {now?.text && <p>{now.text}</p>}
      {now?.steps && <ol>{now.steps.map((s) => <li key={s}>{s}</li>)}</ol>}
      {!hopeless && (
        <div class="row">
          <button type="button" class="btn" onClick={again} data-testid="device-retry">{t.value.retry}</button>
          {!sign && p !== 'missing' && (
            <button type="button" class="btn quiet" onClick={() => void studio.voiceOnly()} data-testid="voice-only">
              {x.tryVoice}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** One's own picture, mirrored as in a looking-glass; viewers see it the right way round. */
export function Preview({ studio }: { studio: Studio }) {
  const x = w.value;
  const pic = studio.picture.value;
  const name = you.value?.name;
  return (
    <figure class="preview" data-testid="preview">
      {pic && <Video stream={pic} label={x.preview} mirror testid="preview-video" />}
      {!pic && (
        <div class="preview-none">
          <VideoOff size={40} aria-hidden="true" />
          {studio.ready.value && <p>{studio.kind === 'interpreter' ? x.noCamera : studio.micOn.value ? x.noCameraHint : x.cameraOffHint}</p>}
        </div>
      )}
      {name && pic && <figcaption>{name}</figcaption>}
    </figure>
  );
}

export function MicButton({ studio, big = false }: { studio: Studio; big?: boolean }) {
  const [busy, setBusy] = useState(false);
  const on = studio.micOn.value;
  const has = studio.sound.value !== null;
  const held = studio.held.value.sound;
  const press = async () => {
    if (busy || held) return;
    if (has) return studio.setMic(!on);
    setBusy(true);
    studio.setMic(true);
    await studio.voiceOnly();
    setBusy(false);
  };
  const live = on && has && !held;
  return (
    <button type="button" class={`btn quiet ${big ? 'big' : 'small'} ${live ? '' : 'cut'}`}
      aria-disabled={busy || held} onClick={() => void press()} data-testid="mic-toggle" data-held={held}>
      {live ? <Mic size={20} aria-hidden="true" /> : <MicOff size={20} aria-hidden="true" />}
      {held ? w.value.micHeld : live ? t.value.mute : t.value.unmute}
    </button>
  );
}

export function CamButton({ studio, big = false }: { studio: Studio; big?: boolean }) {
  const [busy, setBusy] = useState(false);
  const held = studio.held.value.picture;
  const on = studio.picture.value !== null && !held;
  const press = async () => {
    if (busy || held) return;
    setBusy(true);
    await studio.setCamera(!on);
    setBusy(false);
  };
  return (
    <button type="button" class={`btn quiet ${big ? 'big' : 'small'} ${on ? '' : 'cut'}`}
      aria-disabled={busy || held} onClick={() => void press()} data-testid="cam-toggle">
      {on ? <VideoGlyph size={20} aria-hidden="true" /> : <VideoOff size={20} aria-hidden="true" />}
      {held ? w.value.camHeld : on ? t.value.cameraOff : t.value.cameraOn}
    </button>
  );
}

