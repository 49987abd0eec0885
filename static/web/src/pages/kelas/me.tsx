import { useEffect, useState } from 'preact/hooks';
import { Maximize, Mic, MicOff, MonitorOff, MonitorUp, PhoneOff, Settings2, Video as CamOn, VideoOff, Volume2, VolumeX } from 'lucide-preact';
import { announce } from '../../a11y';
import { sentence, t } from '../../i18n';
import type { Choice } from '../../media/quality';
import type { Viewer } from '../../media/viewer';
import type { Socket } from '../../socket';
import { lesson } from '../../store/lesson';
import { connection, event, may } from '../../store/state';
import { Dialog } from '../../ui/parts';
import { NotReady, Preview } from '../stage/check';
import '../stage/devices.css';
import { Pickers } from '../stage/pickers';
import type { Studio } from '../stage/studio';
import { toast } from '../staff/toast';
import { HandButton } from '../viewer/hand';
import { QualityTools } from '../viewer/quality';
import { w as viewerWords } from '../viewer/words';
import { w } from './words';

/** Whether one's own microphone is heard, by the device and by the trainer. */
export function heard(studio: Studio): boolean {
  return studio.micOn.value && studio.sound.value !== null && !studio.held.value.sound;
}

/** Turns the own microphone on, over a trainer's silence where the class allows it. */
export async function speak(socket: Socket, studio: Studio): Promise<void> {
  try {
    if (studio.held.peek().sound) await socket.request('class.speak', {});
    if (studio.sound.peek()) studio.setMic(true);
    else {
      studio.setMic(true);
      await studio.voiceOnly();
    }
  } catch (e) {
    toast('info', w.value.lockedIn, sentence(e));
  }
}

type Props = { socket: Socket; media: Viewer; choice: Choice; studio: Studio | null; open: () => Studio; onLeave: () => void };

/** The bar under the pictures: what one does with one's own devices, and what one hears. */
export function Bar({ socket, media, choice, studio, open, onLeave }: Props) {
  const [dialog, setDialog] = useState<'' | 'join' | 'devices'>('');
  const [busy, setBusy] = useState(false);
  const x = w.value;
  const l = lesson.value;
  const on = studio?.where.value === 'air';
  const live = on && studio !== null && heard(studio);
  const pic = on && studio?.picture.value !== null && !studio?.held.value.picture;
  const sharing = studio?.screen.value != null;
  const canShare = typeof navigator.mediaDevices?.getDisplayMedia === 'function';
  const silent = media.muted.value || media.volume.value === 0;
  const over = event.value?.phase === 'ended';
  const run = async (f: () => Promise<void> | void) => {
    if (busy) return;
    setBusy(true);
    try {
      await f();
    } catch (e) {
      toast('error', x.notLive, e instanceof DOMException ? '' : sentence(e));
    } finally {
      setBusy(false);
    }
  };
  const join = () => {
    open();
    setDialog('join');
  };
  const micWord = on && studio
    ? live ? t.value.mute : studio.held.value.sound ? (l.lock && !l.called ? x.lockedIn : x.calledYes) : t.value.unmute
    : t.value.unmute;
  return (
    <div class="controls kelas-bar" role="toolbar" aria-label={x.tools}>
      <button type="button" class={`tool ${on && !live ? 'cut' : ''}`} aria-pressed={live} aria-label={micWord} title={micWord}
        aria-disabled={busy || over} data-testid="class-mic" data-on={live}
        onClick={() => void (on && studio ? run(() => (live ? studio.setMic(false) : speak(socket, studio))) : !over && join())}>
        {live ? <Mic size={22} aria-hidden="true" /> : <MicOff size={22} aria-hidden="true" />}
        <span aria-hidden="true">{x.mic}</span>
      </button>
      <button type="button" class={`tool ${on && !pic ? 'cut' : ''}`} aria-pressed={pic} aria-label={pic ? t.value.cameraOff : t.value.cameraOn}
        aria-disabled={busy || over} data-testid="class-cam" data-on={pic}
        onClick={() => void (on && studio ? run(() => studio.setCamera(!pic)) : !over && join())}>
        {pic ? <CamOn size={22} aria-hidden="true" /> : <VideoOff size={22} aria-hidden="true" />}
        <span aria-hidden="true">{x.cam}</span>
      </button>
      {canShare && on && studio && (l.mayShare || sharing) && (
        <button type="button" class={`tool ${sharing ? 'gold' : ''}`} aria-pressed={sharing} aria-disabled={busy} data-testid="class-share"
          aria-label={sharing ? t.value.stopSharing : t.value.shareScreen}
          onClick={() => void run(() => (sharing ? studio.stopScreen() : studio.shareScreen()))}>
          {sharing ? <MonitorOff size={22} aria-hidden="true" /> : <MonitorUp size={22} aria-hidden="true" />}
          <span aria-hidden="true">{sharing ? x.shareStop : x.share}</span>
        </button>
      )}
      {on && (
        <button type="button" class="tool" onClick={() => setDialog('devices')} data-testid="class-devices">
          <Settings2 size={22} aria-hidden="true" />
          <span>{x.devices}</span>
        </button>
      )}
      {may('hand') && <HandButton socket={socket} />}
      <span class="grow" />
      <button type="button" class="tool" aria-pressed={silent} data-testid="class-sound"
        aria-label={silent ? viewerWords.value.soundOn : viewerWords.value.soundOff}
        onClick={() => {
          if (media.volume.value === 0) media.setVolume(1);
          media.setMuted(!silent);
        }}>
        {silent ? <VolumeX size={22} aria-hidden="true" /> : <Volume2 size={22} aria-hidden="true" />}
        <span aria-hidden="true">{x.sound}</span>
      </button>
      <QualityTools media={media} choice={choice} />
      <button type="button" class="tool wide-only" aria-label={t.value.fullScreen}
        onClick={() => void (document.fullscreenElement ? document.exitFullscreen() : document.querySelector('.kelas-stage')?.requestFullscreen())}>
        <Maximize size={22} aria-hidden="true" />
        <span aria-hidden="true">{x.full}</span>
      </button>
      <button type="button" class="tool danger" onClick={onLeave} data-testid="class-leave" aria-label={t.value.leaveEvent}>
        <PhoneOff size={22} aria-hidden="true" />
        <span aria-hidden="true">{x.leave}</span>
      </button>
      {dialog === 'join' && studio && <Join studio={studio} onClose={() => setDialog('')} />}
      {dialog === 'devices' && studio && <Devices studio={studio} onClose={() => setDialog('')} />}
    </div>
  );
}

/** Before anybody sees or hears one: the devices, one's own picture, and the way in. */
function Join({ studio, onClose }: { studio: Studio; onClose: () => void }) {
  const x = w.value;
  const [error, setError] = useState('');
  const starting = studio.where.value === 'starting';
  const blocked = starting || !studio.ready.value;
  const cancel = () => {
    onClose();
    if (studio.where.peek() === 'check') studio.close();
  };
  const go = async (picture: boolean) => {
    if (blocked) return;
    setError('');
    try {
      if (!picture && studio.picture.peek()) await studio.setCamera(false);
      await studio.goLive();
      onClose();
    } catch (e) {
      setError(sentence(e));
    }
  };
  return (
    <Dialog title={x.joinTitle} onClose={cancel} testid="class-join">
      <p class="muted">{lesson.value.lock && may('class.speak') ? x.lockedIn : x.joinLead}</p>
      <Preview studio={studio} />
      {studio.ready.value ? <Pickers studio={studio} /> : <NotReady studio={studio} />}
      {error && <p role="alert" class="floor-error">{error}</p>}
      <div class="row dialog-buttons">
        <button type="button" class="btn quiet" onClick={cancel}>{t.value.cancel}</button>
        {studio.picture.value && studio.sound.value && (
          <button type="button" class="btn quiet" aria-disabled={blocked} onClick={() => void go(false)} data-testid="join-voice">{x.joinVoice}</button>
        )}
        <button type="button" class="btn gold" aria-disabled={blocked} onClick={() => void go(true)} data-testid="join-go">
          {starting && <span class="spinner" aria-hidden="true" />}
          {x.join}
        </button>
      </div>
    </Dialog>
  );
}

function Devices({ studio, onClose }: { studio: Studio; onClose: () => void }) {
  const x = w.value;
  return (
    <Dialog title={x.devices} onClose={onClose} testid="class-devices-dialog">
      <Preview studio={studio} />
      <Pickers studio={studio} />
      <div class="row dialog-buttons">
        <button type="button" class="btn quiet" data-testid="class-off" onClick={() => {
          void studio.leave().then(() => studio.close());
          onClose();
        }}>{x.off}</button>
        <button type="button" class="btn" onClick={onClose}>{t.value.close}</button>
      </div>
    </Dialog>
  );
}

/** A trainer asks one to speak. Nobody's microphone is turned on by another: one click, here. */
export function Called({ socket, studio }: { socket: Socket; studio: Studio | null }) {
  const called = lesson.value.called && studio !== null && !heard(studio);
  useEffect(() => {
    if (called) announce(w.value.called, true);
  }, [called]);
  if (!called || !studio) return null;
  return (
    <div class="banner called" role="status" data-testid="called">
      <Mic size={20} aria-hidden="true" />
      <span>{w.value.called}</span>
      <button type="button" class="btn small" onClick={() => void speak(socket, studio)} data-testid="called-yes">{w.value.calledYes}</button>
    </div>
  );
}

/** Others see on one's picture whether the microphone is on: the switch is the device's, so it is told. */
export function useMicWord(socket: Socket, studio: Studio | null): void {
  const on = studio !== null && studio.where.value === 'air' && studio.micOn.value && studio.sound.value !== null;
  const air = studio?.where.value === 'air';
  const open = connection.value === 'open';
  useEffect(() => {
    if (air && open) socket.send('class.mic', { on });
  }, [on, air, open, socket]);
}
