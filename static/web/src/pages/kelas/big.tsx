import { VideoOff, Volume2 } from 'lucide-preact';
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

/** What is shown large to this reader: material, then a shared screen with its owner beside it, or the trainer. */
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

export function Big({ media, choice, big }: Props) {
  const l = lesson.value;
  const { slide, main, second, sign } = big;
  const muted = (id: string) => (l.muted.includes(id) ? ` · ${w.value.micOff}` : '');
  const side = second || sign || (slide && main);
  const picture = main && (
    <>
      <Video stream={media.video.main.value} label={main.label} testid="main-video" />
      {main.heldPicture && <div class="veil dark-out"><VideoOff size={32} aria-hidden="true" /></div>}
      {media.status.value !== 'connected' && <div class="veil"><Spinner label={viewerWords.value.loadingStage} /></div>}
      {main.label && <figcaption>{main.label}{main.kind === 'camera' && muted(main.id)}</figcaption>}
    </>
  );
  const speaks = main && l.speaking.includes(main.id) ? 'speaks' : '';
  return (
    <div class={`big ${(slide || main) && side ? 'two' : ''}`} data-testid="big" data-slide={slide}>
      {slide ? <figure class="big-main slide"><Slide choice={choice} /></figure> : main && <figure class={`big-main ${speaks}`}>{picture}</figure>}
      {side && (
        <div class="big-side">
          {slide && main && <figure class={speaks}>{picture}</figure>}
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
