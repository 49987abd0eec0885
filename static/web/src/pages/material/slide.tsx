import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Download, ZoomIn, ZoomOut } from 'lucide-preact';
import { announce } from '../../a11y';
import type { Choice } from '../../media/quality';
import { at } from '../../node';
import { ink, openDeck, page, pointer, rung } from '../../store/state';
import { Spinner } from '../../ui/parts';
import { prefetch, Showing, sizeFor, urlOf } from './picture';
import { Sheet } from './sheet';
import './slide.css';
import { w } from './slidewords';

const ZOOMS = [1, 1.5, 2, 3];

/** The open page, as a viewer sees it: sharp on every rung, with a closer look, and the file where it is given. */
export function Slide({ choice }: { choice?: Choice }) {
  const deck = openDeck.value;
  const n = page.value.page;
  const showing = useMemo(() => new Showing(), []);
  const [zoom, setZoom] = useState(1);
  const frame = useRef<HTMLDivElement>(null);
  const x = w.value;
  const pin = choice?.pin.value ?? 'auto';
  const saving = pin === 'save' || pin === 'voice' || pin === 'low' || rung.value?.rung === 'voice';
  const size = sizeFor(saving, zoom);

  useEffect(() => {
    if (!deck) return;
    showing.show(urlOf(deck, n, size));
    return prefetch(deck, n, size, saving ? 1 : undefined);
  }, [deck?.token, n, size, saving]);
  useEffect(() => () => showing.stop(), [showing]);
  useEffect(() => {
    if (deck) announce(w.value.pageOf(n, deck.pages));
    frame.current?.scrollTo({ top: 0 }); // a new page begins at its head
  }, [deck?.token, n]);
  const step = (by: number) => {
    const box = frame.current;
    const next = ZOOMS[ZOOMS.indexOf(zoom) + by] ?? zoom;
    if (!box || next === zoom) return;
    const k = next / zoom;
    const mid = { x: (box.scrollLeft + box.clientWidth / 2) * k, y: (box.scrollTop + box.clientHeight / 2) * k };
    setZoom(next);
    requestAnimationFrame(() => box.scrollTo(mid.x - box.clientWidth / 2, mid.y - box.clientHeight / 2));
  };
  if (!deck) return null;
  const drawn = ink.value.deck === deck.id && ink.value.page === n ? ink.value.strokes : [];
  return (
    <>
      <div ref={frame} class="slide-frame" tabIndex={zoom > 1 ? 0 : -1} role={zoom > 1 ? 'region' : undefined} aria-label={zoom > 1 ? x.zoomed : undefined}>
        <div class="slide-paper" style={{ width: `${zoom * 100}%`, height: `${zoom * 100}%` }} onDblClick={() => (zoom > 1 ? setZoom(1) : step(2))}>
          <Sheet picture={showing.now.value} label={x.slideLabel(deck.title, n, deck.pages)} strokes={drawn} point={pointer.value} />
        </div>
      </div>
      {showing.waiting.value && <Slow key={n} />}
      <div class="slide-tools">
        <span class="num" aria-hidden="true" data-testid="slide-page" data-page={n}>{n} / {deck.pages}</span>
        {deck.shared && (
          <a class="btn bare icon" href={at(`/m/${deck.token}/file`)} download title={x.download} aria-label={x.downloadOf(deck.title)} data-testid="slide-download">
            <Download size={20} aria-hidden="true" />
          </a>
        )}
        <button type="button" class="btn bare icon" onClick={() => step(-1)} aria-disabled={zoom === 1} aria-label={x.zoomOut} title={x.zoomOut} data-testid="zoom-out">
          <ZoomOut size={20} aria-hidden="true" />
        </button>
        <button type="button" class="btn bare icon" onClick={() => step(1)} aria-disabled={zoom === 3} aria-label={x.zoomIn} title={x.zoomIn} data-testid="zoom-in">
          <ZoomIn size={20} aria-hidden="true" />
        </button>
      </div>
    </>
  );
}

/** Says that a page is on its way, if that takes longer than a glance. */
function Slow() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 700);
    return () => clearTimeout(timer);
  }, []);
  return slow ? <div class="slide-slow"><Spinner label={w.value.loadingPage} /></div> : null;
}
