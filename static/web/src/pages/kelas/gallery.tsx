import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { ChevronLeft, ChevronRight, MicOff, Pin, PinOff, VideoOff } from 'lucide-preact';
import { t } from '../../i18n';
import type { Viewer } from '../../media/viewer';
import type { Socket } from '../../socket';
import { lesson } from '../../store/lesson';
import { sourceOf, you } from '../../store/state';
import { Video } from '../staff/video';
import { initials } from '../stage/namecard';
import type { Studio } from '../stage/studio';
import { fit } from './fit';
import type { Source } from '../../wire.gen';
import type { Large } from './big';
import { w } from './words';

/** Whose faces stay in view, by source. */
export const pins = signal<readonly string[]>([]);
const page = signal(0);
/** The faces stand so small on this screen that more lines would be lost on it: 180p is enough, and saves the reader's data. */
const small = signal(false);

/** All other cameras of this room that are not shown large. */
function faces(own: string): string[] {
  const l = lesson.value;
  return l.sources.filter((id) => id !== own && id !== l.main && id !== l.second && sourceOf(id)?.kind === 'camera');
}

/**
 * The gallery: as many faces as the viewer has slots. The first page is the room's choice, who is pinned first and then who
 * spoke last; further pages are everybody in turn.
 */
export function Gallery({ media, socket, studio, big }: { media: Viewer; socket: Socket; studio: Studio | null; big: Large | null }) {
  const l = lesson.value;
  const x = w.value;
  const own = studio?.camera.value?.source.value ?? '';
  const all = faces(own);
  const slots = media.tiles.length;
  const pages = Math.max(1, Math.ceil(all.length / slots));
  const at = Math.min(page.value, pages - 1);
  const looks = at > 0 ? all.slice(at * slots, (at + 1) * slots) : pins.value.filter((id) => all.includes(id)).slice(0, slots);
  const gaze = looks.join(',');
  useEffect(() => {
    socket.send('gaze', { sources: gaze, small: small.value });
  }, [gaze, small.value, socket]);
  useEffect(() => {
    if (page.value > pages - 1) page.value = pages - 1;
  }, [pages]);
  const filled = l.tiles.filter((id) => id && all.includes(id) && (at === 0 || looks.includes(id)));
  // On the first page a newcomer without a slot yet still has a place with the name.
  const shown = at > 0 ? looks : [...filled, ...all.filter((id) => !filled.includes(id)).slice(0, slots - filled.length)];
  const order = [...shown.filter((id) => pins.value.includes(id)), ...shown.filter((id) => !pins.value.includes(id))];
  const lead = big?.slide ? big.main : big?.second;
  const n = order.length + (own ? 1 : 0) + (lead ? 1 : 0);
  const list = useRef<HTMLUListElement>(null);
  useFit(list, n);
  if (n === 0) return null;
  return (
    <div class="gallery" data-testid="gallery" data-n={order.length}>
      <ul ref={list} class="tiles" aria-label={x.gallery} data-odd={n % 2 === 1} data-many={n > 5}>
        {lead && <Lead key={lead.id} source={lead} slide={big?.slide === true} media={media} />}
        {order.map((id) => <Tile key={id} id={id} media={media} />)}
        {own && <Own key="own" studio={studio} id={own} />}
      </ul>
      {pages > 1 && (
        <p class="pager">
          <button type="button" class="btn bare icon" aria-label={x.before} aria-disabled={at === 0} data-testid="page-before"
            onClick={() => at > 0 && (page.value = at - 1)}>
            <ChevronLeft size={22} aria-hidden="true" />
          </button>
          <span class="num" role="status">{x.people(at * slots + 1, Math.min(all.length, (at + 1) * slots), all.length)}</span>
          <button type="button" class="btn bare icon" aria-label={x.after} aria-disabled={at === pages - 1} data-testid="page-after"
            onClick={() => at < pages - 1 && (page.value = at + 1)}>
            <ChevronRight size={22} aria-hidden="true" />
          </button>
        </p>
      )}
    </div>
  );
}

const GAP = 8;
const ENOUGH = 240; // lines of the screen up to which 180p looks good

/** Keeps the tiles as large as their box lets them be; kelas.css uses the size where the gallery has a box of its own. */
function useFit(list: { current: HTMLUListElement | null }, n: number): void {
  useLayoutEffect(() => {
    const box = list.current;
    if (!box) return;
    const measure = () => {
      const tile = fit(box.clientWidth, box.clientHeight, n, GAP);
      box.style.setProperty('--tile-w', `${tile.w}px`);
      box.style.setProperty('--tile-h', `${tile.h}px`);
      const shown = box.querySelector('.tile')?.clientHeight ?? 0;
      if (shown > 0) small.value = shown * devicePixelRatio <= ENOUGH;
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(box);
    return () => watch.disconnect();
  }, [n]);
}

function Tile({ id, media }: { id: string; media: Viewer }) {
  const l = lesson.value;
  const x = w.value;
  const s = sourceOf(id);
  const slot = l.tiles.indexOf(id);
  const name = s?.label || t.value.participant;
  const muted = l.muted.includes(id);
  const speaking = !muted && l.speaking.includes(id);
  const pinned = pins.value.includes(id);
  const stream = slot >= 0 ? (media.tiles[slot]?.value ?? null) : null;
  return (
    <li class={`tile ${speaking ? 'speaks' : ''}`} data-testid="tile" data-source={id} data-muted={muted} data-speaking={speaking}>
      <Face name={name} off={s?.heldPicture} />
      {stream && !s?.heldPicture && <Video stream={stream} label={x.tile(name, muted, speaking)} />}
      <Name name={name} muted={muted} />
      <button type="button" class={`btn bare icon small pin ${pinned ? 'on' : ''}`} aria-pressed={pinned} data-testid="pin"
        aria-label={pinned ? x.unpin(name) : x.pin(name)} title={pinned ? x.unpin(name) : x.pin(name)}
        onClick={() => (pins.value = pinned ? pins.value.filter((p) => p !== id) : [...pins.value, id])}>
        {pinned ? <PinOff size={18} aria-hidden="true" /> : <Pin size={18} aria-hidden="true" />}
      </button>
    </li>
  );
}

/** Who speaks over what is large. It has a slot of the stage. */
function Lead({ source: s, slide, media }: { source: Source; slide: boolean; media: Viewer }) {
  const l = lesson.value;
  const muted = l.muted.includes(s.id);
  const speaking = !muted && l.speaking.includes(s.id);
  const slot = slide ? media.video.main : media.video.second;
  return (
    <li class={`tile lead ${speaking ? 'speaks' : ''}`} data-testid="lead-tile" data-source={s.id} data-muted={muted}>
      <Face name={s.label} off={s.heldPicture} />
      {!s.heldPicture && <Video stream={slot.value} label={w.value.tile(s.label, muted, speaking)} testid={slide ? 'main-video' : 'second-video'} />}
      <Name name={s.label} muted={muted && s.kind === 'camera'} />
    </li>
  );
}

/** One's own picture comes from the camera, not back from the server. */
function Own({ studio, id }: { studio: Studio | null; id: string }) {
  const l = lesson.value;
  const pic = studio?.picture.value ?? null;
  const muted = !studio?.micOn.value || !studio.sound.value || studio.held.value.sound;
  const name = w.value.you;
  return (
    <li class={`tile own ${!muted && l.speaking.includes(id) ? 'speaks' : ''}`} data-testid="own-tile" data-muted={muted}>
      <Face name={you.value?.name || name} off={studio?.held.value.picture} />
      {pic && !studio?.held.value.picture && <Video stream={pic} mirror label={name} />}
      <Name name={name} muted={muted} />
    </li>
  );
}

function Face({ name, off = false }: { name: string; off?: boolean | undefined }) {
  return <div class="face" aria-hidden="true">{off ? <VideoOff size={32} /> : <span>{initials(name)}</span>}</div>;
}

function Name({ name, muted }: { name: string; muted: boolean }) {
  return (
    <p class="name">
      {muted && <MicOff size={16} role="img" aria-label={w.value.micOff} />}
      <span>{name}</span>
    </p>
  );
}
