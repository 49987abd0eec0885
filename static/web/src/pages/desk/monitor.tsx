import { useEffect, useState } from 'preact/hooks';
import { DoorOpen, Volume2, VolumeX } from 'lucide-preact';
import { t } from '../../i18n';
import type { Viewer } from '../../media/viewer';
import type { Socket } from '../../socket';
import { connection, event, openDeck, sourceOf, stage } from '../../store/state';
import { later } from '../../ui/later';
import { Spinner } from '../../ui/parts';
import { Video } from '../staff/video';
import { w } from './words';

const Slide = later(() => import('../material/slide').then((m) => m.Slide));

/** What viewers see, through a viewer's connection of our own; silent until somebody wants to listen. */
export function Monitor({ media, socket }: { media: Viewer | null; socket: Socket }) {
  const [look, setLook] = useState(false);
  const x = w.value;
  const s = stage.value;
  const phase = event.value?.phase ?? 'scheduled';
  const live = phase === 'live';
  const waiting = s.sources.filter((src) => src.behind);
  const behind = look && waiting.length > 0; // the first three there, as the server shows them
  useEffect(() => {
    if (connection.value === 'open') socket.request('look', { behind }).catch(() => {});
  }, [socket, behind, connection.value]);
  const main = behind ? waiting[0] : live ? sourceOf(s.main) : undefined;
  const slide = live && !behind && openDeck.value !== null; // in the main place, and who speaks beside it
  const second = behind ? waiting[1] : live ? sourceOf(s.second) : undefined;
  const sign = behind ? waiting[2] : live ? sourceOf(s.interpreter) : undefined;
  const status = media?.status.value ?? 'idle';
  const empty = !media
    ? x.monitorNone
    : behind
      ? ''
      : phase === 'ended'
        ? x.monitorEnded
        : phase === 'scheduled'
          ? x.monitorScheduled
          : phase === 'paused'
            ? x.monitorPaused
            : main || slide
              ? ''
              : x.monitorEmpty;
  const heard = media !== null && !media.muted.value;
  return (
    <section class="monitor dark" aria-label={x.monitor} data-testid="monitor">
      <figure class="mon-main">
        {slide && <div class="mon-slide"><Slide /></div>}
        {media && <div hidden={!main || slide}><Video stream={media.video.main.value} label={x.monitorMain} testid="monitor-main" /></div>}
        {empty && <p class="mon-note">{empty}</p>}
        {main && !slide && status !== 'connected' && <p class="mon-note veil"><Spinner label={x.monitorWait} /></p>}
        {main && !slide && <figcaption>{main.label}</figcaption>}
        {media && waiting.length > 0 && (
          <button type="button" class="btn small mon-look" aria-pressed={behind} data-testid="look-behind" onClick={() => setLook(!look)}>
            <DoorOpen size={16} aria-hidden="true" />{behind ? x.lookStage : x.lookBehind}
          </button>
        )}
        {media && (live || behind) && (
          <button type="button" class="btn icon small mon-sound" aria-pressed={heard} data-testid="monitor-sound"
            aria-label={heard ? x.soundOff : x.soundOn} title={heard ? x.soundOff : x.soundOn}
            onClick={() => (heard ? media.setMuted(true) : media.unblock())}>
            {heard ? <Volume2 size={18} aria-hidden="true" /> : <VolumeX size={18} aria-hidden="true" />}
          </button>
        )}
      </figure>
      {media && (
        <>
          <figure class="mon-side" hidden={!(slide ? main : second)}>
            <Video stream={slide ? media.video.main.value : media.video.second.value} label={x.monitorSecond} testid="monitor-second" />
            <figcaption>{slide ? main?.label : second?.label}</figcaption>
          </figure>
          <figure class="mon-side" hidden={!sign}>
            <Video stream={media.video.interpreter.value} label={t.value.interpreter} testid="monitor-interpreter" />
            <figcaption>{behind ? sign?.label : t.value.interpreter}</figcaption>
          </figure>
        </>
      )}
    </section>
  );
}
