import { useEffect, useState } from 'preact/hooks';
import { Eye, EyeOff, Volume2 } from 'lucide-preact';
import { t } from '../../i18n';
import type { Viewer } from '../../media/viewer';
import { event, openDeck, page, sourceOf, stage } from '../../store/state';
import { Spinner } from '../../ui/parts';
import { Video } from '../staff/video';
import type { Studio } from './studio';
import { w } from './words';

/**
 * What viewers get, and the voices of the others on the stage; behind it, those who wait there. It runs by itself as soon as
 * there is somebody to listen to. The server sends nobody their own voice.
 */
export function Lookout({ studio, media }: { studio: Studio; media: Viewer | null }) {
  const [wish, setWish] = useState<boolean | null>(null); // null: as the room needs
  const x = w.value;
  const s = stage.value;
  const phase = event.value?.phase ?? 'scheduled';
  const own = [studio.camera.value?.source.value, studio.screen.value?.source.value].filter(Boolean);
  const behind = studio.behind.value;
  const mates = s.sources.filter((o) => o.behind && !own.includes(o.id));
  const others = behind ? mates.length > 0 : s.sources.some((o) => !own.includes(o.id) && o.audio && !o.behind);
  const on = media !== null && (behind || phase === 'live') && (wish ?? others);

  useEffect(() => {
    if (!media) return;
    if (on) media.start();
    else media.pause();
  }, [media, on]);

  const slots = behind
    ? (['main', 'second', 'interpreter'] as const).map((key, i) => ({ key, name: x.mateN(i + 1), src: mates[i] }))
        .filter((slot) => slot.src)
    : ([
        { key: 'main', name: x.slotMain, src: sourceOf(s.main) },
        { key: 'second', name: x.slotSecond, src: sourceOf(s.second) },
        { key: 'interpreter', name: x.slotSign, src: sourceOf(s.interpreter) },
      ] as const).filter((slot) => slot.key === 'main' || slot.src);
  const live = phase === 'live' || behind;
  const title = behind ? x.behindTitle : x.audienceSees;
  return (
    <section class="lookout" aria-label={title} data-testid="lookout" data-behind={behind}>
      <div class="row spread">
        <h2>{title}</h2>
        {media && live && (
          <button type="button" class="btn bare small" aria-pressed={on} onClick={() => setWish(!on)} data-testid="look">
            {on ? <EyeOff size={18} aria-hidden="true" /> : <Eye size={18} aria-hidden="true" />}
            {on ? x.lookOff : x.lookOn}
          </button>
        )}
      </div>
      {behind && mates.length === 0 ? (
        <p class="muted small">{x.behindAlone}</p>
      ) : !live ? (
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
          {on && media && behind && slots.slice(1).map((slot) => (
            <figure key={slot.key} class="look-pic">
              <Video stream={media.video[slot.key].value} label={slot.src?.label ?? ''} testid={`look-${slot.key}`} />
            </figure>
          ))}
          <dl class="slots-list small">
            {!behind && openDeck.value && (
              <div data-testid="slot-material">
                <dt>{x.slotMaterial}</dt>
                <dd>{openDeck.value.title}, {page.value.page} / {openDeck.value.pages}</dd>
              </div>
            )}
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
