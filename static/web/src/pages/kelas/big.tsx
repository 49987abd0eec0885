import { VideoOff, Volume2 } from 'lucide-preact';
import { t } from '../../i18n';
import type { Viewer } from '../../media/viewer';
import { lesson } from '../../store/lesson';
import { event, sourceOf } from '../../store/state';
import { Spinner } from '../../ui/parts';
import { Video } from '../staff/video';
import { w as viewerWords } from '../viewer/words';
import type { Studio } from '../stage/studio';
import { w } from './words';

/** What is large: a shared screen with its owner beside it, or the trainer; one's own camera is never, the own screen is a note. */
export function Big({ media, studio }: { media: Viewer; studio: Studio | null }) {
  const l = lesson.value;
  const mine = [studio?.camera.value?.source.value, studio?.screen.value?.source.value];
  const pick = (id: string) => (id && !mine.includes(id) ? sourceOf(id) : undefined);
  const [main, second, sign] = [pick(l.main), pick(l.second), pick(l.interpreter)];
  if (event.value?.phase === 'paused' || (!main && !second && !sign)) return null;
  const muted = (id: string) => (l.muted.includes(id) ? ` · ${w.value.micOff}` : '');
  return (
    <div class={`big ${main && (second || sign) ? 'two' : ''}`} data-testid="big">
      {main && (
        <figure class={`big-main ${l.speaking.includes(main.id) ? 'speaks' : ''}`}>
          <Video stream={media.video.main.value} label={main.label} testid="main-video" />
          {main.heldPicture && <div class="veil dark-out"><VideoOff size={32} aria-hidden="true" /></div>}
          {media.status.value !== 'connected' && <div class="veil"><Spinner label={viewerWords.value.loadingStage} /></div>}
          {main.label && <figcaption>{main.label}{main.kind === 'camera' && muted(main.id)}</figcaption>}
        </figure>
      )}
      {(second || sign) && (
        <div class="big-side">
          {second && (
            <figure class={l.speaking.includes(second.id) ? 'speaks' : ''}>
              <Video stream={media.video.second.value} label={second.label} testid="second-video" />
              <figcaption>{second.label}{muted(second.id)}</figcaption>
            </figure>
          )}
          {sign && (
            <figure>
              <Video stream={media.video.interpreter.value} label={t.value.interpreter} testid="interpreter-video" />
              <figcaption>{t.value.interpreter}</figcaption>
            </figure>
          )}
        </div>
      )}
    </div>
  );
}

/** The browser keeps quiet until somebody touches the page. */
export function TapToHear({ media }: { media: Viewer }) {
  if (!media.blocked.value) return null;
  return (
    <div class="veil tap">
      <button type="button" class="btn gold" onClick={() => media.unblock()} data-testid="tap-to-hear">
        <Volume2 size={28} aria-hidden="true" />
        {t.value.tapToHear}
      </button>
      <p class="small">{viewerWords.value.tapHint}</p>
    </div>
  );
}
