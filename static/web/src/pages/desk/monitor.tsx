import { Volume2, VolumeX } from 'lucide-preact';
import { t } from '../../i18n';
import type { Viewer } from '../../media/viewer';
import { event, sourceOf, stage } from '../../store/state';
import { Spinner } from '../../ui/parts';
import { Video } from '../staff/video';
import { w } from './words';

/** What viewers see, through a viewer's connection of our own; silent until somebody wants to listen. */
export function Monitor({ media }: { media: Viewer | null }) {
  const x = w.value;
  const s = stage.value;
  const phase = event.value?.phase ?? 'scheduled';
  const live = phase === 'live';
  const main = live ? sourceOf(s.main) : undefined;
  const second = live ? sourceOf(s.second) : undefined;
  const sign = live ? sourceOf(s.interpreter) : undefined;
  const status = media?.status.value ?? 'idle';
  const empty = !media
    ? x.monitorNone
    : phase === 'ended'
      ? x.monitorEnded
      : phase === 'scheduled'
        ? x.monitorScheduled
        : phase === 'paused'
          ? x.monitorPaused
          : main
            ? ''
            : x.monitorEmpty;
  const heard = media !== null && !media.muted.value;
  return (
    <section class="monitor dark" aria-label={x.monitor} data-testid="monitor">
      <figure class="mon-main">
        {media && <div hidden={!main}><Video stream={media.video.main.value} label={x.monitorMain} testid="monitor-main" /></div>}
        {empty && <p class="mon-note">{empty}</p>}
        {main && status !== 'connected' && <p class="mon-note veil"><Spinner label={x.monitorWait} /></p>}
        {main && <figcaption>{main.label}</figcaption>}
        {media && live && (
          <button type="button" class="btn icon small mon-sound" aria-pressed={heard} data-testid="monitor-sound"
            aria-label={heard ? x.soundOff : x.soundOn} title={heard ? x.soundOff : x.soundOn}
            onClick={() => (heard ? media.setMuted(true) : media.unblock())}>
            {heard ? <Volume2 size={18} aria-hidden="true" /> : <VolumeX size={18} aria-hidden="true" />}
          </button>
        )}
      </figure>
      {media && (
        <>
          <figure class="mon-side" hidden={!second}>
            <Video stream={media.video.second.value} label={x.monitorSecond} testid="monitor-second" />
            <figcaption>{second?.label}</figcaption>
          </figure>
          <figure class="mon-side" hidden={!sign}>
            <Video stream={media.video.interpreter.value} label={t.value.interpreter} testid="monitor-interpreter" />
            <figcaption>{t.value.interpreter}</figcaption>
          </figure>
        </>
      )}
    </section>
  );
}
