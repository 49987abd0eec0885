import { useEffect, useMemo, useRef } from 'preact/hooks';
import { announce } from '../../a11y';
import { sentence, t } from '../../i18n';
import { missing } from '../../media/pc';
import { Viewer } from '../../media/viewer';
import type { Refusal } from '../../refusal';
import type { Socket } from '../../socket';
import { agenda, connection, you } from '../../store/state';
import { keepAwake } from '../../wake';
import { toast } from '../staff/toast';
import { Studio, type News } from './studio';
import { w } from './words';

/** What a page of the stage has for as long as it is open. */
export interface OnAir {
  studio: Studio;
  /** How one sees and hears the stage; null where the browser cannot. */
  media: Viewer | null;
  /** Behind the stage or on it, or on the way there. */
  on: boolean;
  /** The socket is lost; media may go on. */
  away: boolean;
  /** The rundown asks for sound as it is. */
  music: boolean;
}

/**
 * Camera, microphone and ear of a page of the stage: kept awake while on, let go with the page. Who leaves by accident is asked
 * first, unless nobody stands before the screen.
 */
export function useOnAir(socket: Socket, kind: 'camera' | 'interpreter', heed = tell, attended = true): OnAir {
  const studio = useMemo(() => new Studio(socket, kind, () => you.peek()?.name ?? '', heed), [socket]);
  const media = useMemo(() => (missing(false) ? null : new Viewer(socket)), [socket]);
  const away = connection.value === 'reconnecting';
  const on = studio.where.value !== 'check';

  useEffect(() => {
    socket.onWelcome = (_, fresh) => {
      if (fresh && media && media.status.value !== 'idle') media.start();
    };
    return () => {
      void studio.end();
      media?.close();
    };
  }, [socket, studio, media]);

  useEffect(() => {
    if (!on) return;
    const ask = (e: BeforeUnloadEvent) => {
      e.preventDefault();
      e.returnValue = ''; // Chrome before 119 asks only then
    };
    if (attended) addEventListener('beforeunload', ask);
    const sleepy = keepAwake();
    return () => {
      removeEventListener('beforeunload', ask);
      sleepy();
    };
  }, [on]);

  // The rundown asks for sound as it is while we stand on the stage, and for speech again afterwards.
  const music = agenda.value.music && studio.where.value === 'air' && !studio.behind.value;
  const asked = useRef(false);
  useEffect(() => {
    if (music === asked.current || studio.sound.peek() === null) return;
    asked.current = music;
    void studio.setMusic(music);
    announce(music ? w.value.musicOn : w.value.musicOff);
  }, [music, studio]);

  const wasAway = useRef(false);
  useEffect(() => {
    if (away) announce(t.value.disconnected, true);
    else if (wasAway.current) announce(t.value.reconnected);
    wasAway.current = away;
  }, [away]);
  return { studio, media, on, away, music };
}

/** Says in a toast what happened to one's devices and one's place. */
export function tell(n: News, e?: Refusal | null): void {
  const x = w.value;
  const why = e ? sentence(e) : '';
  if (n === 'device-failed') toast('error', x.deviceFailed, x.otherText);
  else if (n === 'camera-lost') toast('error', x.deviceLost, x.deviceLostCamera);
  else if (n === 'mic-lost') toast('error', x.deviceLost, x.deviceLostMic);
  else if (n === 'sound-released') toast('info', x.micReleased);
  else if (n === 'picture-released') toast('info', x.camReleased);
  else if (n === 'screen-ended') toast('info', x.shareEnded);
  else if (n === 'screen-refused') toast('info', x.screenRemoved, why);
  else toast('error', x.leftNote, why);
}
