import { useEffect, useState } from 'preact/hooks';
import { Eye, EyeOff, Volume2 } from 'lucide-preact';
import { t } from '../../i18n';
import type { Viewer } from '../../media/viewer';
import { event, sourceOf, stage } from '../../store/state';
import { Spinner } from '../../ui/parts';
import { Video } from '../staff/video';
import type { Studio } from './studio';
import { w } from './words';

const AUDIO_SLOTS = 3;

/**
 * What viewers get, and the voices of the others on the stage. It runs by itself as soon as there is somebody to
 * listen to; one's own sound is never played.
 */
export function Lookout({ studio, media }: { studio: Studio; media: Viewer | null }) {
  const [wish, setWish] = useState<boolean | null>(null); // null: as the room needs
  const x = w.value;
  const s = stage.value;
  const phase = event.value?.phase ?? 'scheduled';
  const own = [studio.camera.value?.source.value, studio.screen.value?.source.value].filter(Boolean);
  const others = s.sources.some((o) => !own.includes(o.id) && o.audio);
  const on = media !== null && phase === 'live' && (wish ?? others);

  useEffect(() => {
    if (!media) return;
    if (on) media.start();
    else media.pause();
  }, [media, on]);
  useEffect(() => {
    if (!media) return;
    const sounding = s.sources.filter((o) => o.audio).slice(0, AUDIO_SLOTS);
    media.silence(sounding.map((o) => own.includes(o.id)));
  }, [media, s, own.join()]);

  const slots = [
    { key: 'main', name: x.slotMain, src: sourceOf(s.main) },
    { key: 'second', name: x.slotSecond, src: sourceOf(s.second) },
    { key: 'interpreter', name: x.slotSign, src: sourceOf(s.interpreter) },
  ].filter((slot) => slot.key === 'main' || slot.src);
  const live = phase === 'live';
  return (
    <section class="lookout" aria-label={x.audienceSees} data-testid="lookout">
      <div class="row spread">
        <h2>{x.audienceSees}</h2>
        {media && live && (
          <button type="button" class="btn bare small" aria-pressed={on} onClick={() => setWish(!on)} data-testid="look">
            {on ? <EyeOff size={18} aria-hidden="true" /> : <Eye size={18} aria-hidden="true" />}
            {on ? x.lookOff : x.lookOn}
          </button>
        )}
      </div>
      {!live ? (
        <p class="muted small">{phase === 'paused' ? x.standby : x.waiting}</p>
      ) : (
        <div class={`look ${on ? 'on' : ''}`}>
          {on && media && (
            <figure class="look-pic">
              <Video stream={media.video.main.value} label={x.slotMain} testid="look-main" />
              {media.status.value !== 'connected' && <div class="veil"><Spinner label={t.value.connecting} /></div>}
              {media.blocked.value && (
                <div class="veil">
                  <button type="button" class="btn gold small" onClick={() => media.unblock()} data-testid="tap-to-hear">
                    <Volume2 size={18} aria-hidden="true" />{t.value.tapToHear}
                  </button>
                </div>
              )}
            </figure>
          )}
          <dl class="slots-list small">
            {slots.map((slot) => (
              <div key={slot.key} data-testid={`slot-${slot.key}`}>
                <dt>{slot.name}</dt>
                <dd>
                  {slot.src ? (
                    <>
                      {slot.src.label} ({x[`kind_${slot.src.kind}` as 'kind_camera'] ?? slot.src.kind})
                      {own.includes(slot.src.id) && <span class="badge">{x.yours}</span>}
                    </>
                  ) : (
                    <span class="muted">{x.slotEmpty}</span>
                  )}
                </dd>
              </div>
            ))}
            {on && <p class="muted">{x.lookHint}</p>}
          </dl>
        </div>
      )}
    </section>
  );
}
