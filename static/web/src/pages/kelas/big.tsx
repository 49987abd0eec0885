import { MicOff, VideoOff, Volume2 } from 'lucide-preact';
import { t } from '../../i18n';
import type { Choice } from '../../media/quality';
import type { Viewer } from '../../media/viewer';
import { lesson } from '../../store/lesson';
import { event, openDeck, sourceOf } from '../../store/state';
import { later } from '../../ui/later';
import { Spinner } from '../../ui/parts';
import { Video } from '../staff/video';
import { w as viewerWords } from '../viewer/words';
import type { Studio } from '../stage/studio';
import type { Source } from '../../wire.gen';
import { w } from './words';

const Slide = later<{ choice?: Choice }>(() => import('../material/slide').then((m) => m.Slide));

/**
 * What is shown large to this reader: material, then a shared screen, or the trainer. Whoever speaks over material or a screen (main
 * beside a slide, second) leads the row of faces under it.
 */
export interface Large {
  slide: boolean;
  main: Source | undefined;
  second: Source | undefined;
  sign: Source | undefined;
}

/** One's own camera is never large, and of the own screen there is a note; null while nothing is. */
export function large(studio: Studio | null): Large | null {
  const l = lesson.value;
  const phase = event.value?.phase;
  const mine = [studio?.camera.value?.source.value, studio?.screen.value?.source.value];
  const pick = (id: string) => (id && !mine.includes(id) ? sourceOf(id) : undefined);
  const slide = phase === 'live' && openDeck.value !== null;
  const [main, second, sign] = [pick(l.main), slide ? undefined : pick(l.second), pick(l.interpreter)];
  return phase !== 'paused' && (slide || main || second || sign) ? { slide, main, second, sign } : null;
}

type Props = { media: Viewer; choice: Choice; big: Large };

export function Big({ media, choice, big: { slide, main, sign } }: Props) {
  const l = lesson.value;
  const one = !slide && main;
  if (!slide && !one && !sign) return null;
  return (
    <div class={`big ${(slide || one) && sign ? 'two' : ''}`} data-testid="big" data-slide={slide}>
      {slide && <figure class="big-main slide"><Slide choice={choice} /></figure>}
      {one && (
        <figure class={`big-main ${l.speaking.includes(one.id) ? 'speaks' : ''}`}>
          <Video stream={media.video.main.value} label={one.label} testid="main-video" />
          {one.heldPicture && <div class="veil dark-out"><VideoOff size={32} aria-hidden="true" /></div>}
          {media.status.value !== 'connected' && <div class="veil"><Spinner label={viewerWords.value.loadingStage} /></div>}
          {one.label && (
            <figcaption>
              {one.kind === 'camera' && l.muted.includes(one.id) && <MicOff size={16} role="img" aria-label={w.value.micOff} />}
              <span>{one.label}</span>
            </figcaption>
          )}
        </figure>
      )}
      {sign && (
        <div class="big-side">
          <figure>
            <Video stream={media.video.interpreter.value} label={t.value.interpreter} testid="interpreter-video" />
            <figcaption><span>{t.value.interpreter}</span></figcaption>
          </figure>
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
