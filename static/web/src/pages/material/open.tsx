import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ChevronLeft, ChevronRight, Eraser, Highlighter, MousePointer2, Pen, Target, Undo2, X } from 'lucide-preact';
import { announce } from '../../a11y';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { ink, page } from '../../store/state';
import type { Deck } from '../../wire.gen';
import { toast } from '../staff/toast';
import { drawing, type Tool } from './drawing';
import { Showing, urlOf } from './picture';
import { COLORS, Line, Sheet, type Color } from './sheet';
import './slide.css';
import { w as slideWords } from './slidewords';
import { w } from './words';

const TOOLS = [
  { tool: 'none', icon: MousePointer2, word: 'toolNone' },
  { tool: 'pointer', icon: Target, word: 'toolPointer' },
  { tool: 'pen', icon: Pen, word: 'toolPen' },
  { tool: 'marker', icon: Highlighter, word: 'toolMarker' },
] as const;

/** The open deck before who presents it: the page, its turning, and what is drawn on it. */
export function Open({ deck, socket, keys }: { deck: Deck; socket: Socket; keys: 'page' | 'panel' }) {
  const x = w.value;
  const [wish, setWish] = useState(0); // the page asked for, until it is there
  const [tool, setTool] = useState<Tool>('none');
  const [color, setColor] = useState<Color>('red');
  const showing = useMemo(() => new Showing(), []);
  const panel = useRef<HTMLDivElement>(null);
  const sheet = useRef<SVGSVGElement>(null);
  const at = page.value.page;
  const n = wish || at;
  const turn = async (to: number) => {
    if (to < 1 || to > deck.pages || to === n) return;
    setWish(to);
    announce(slideWords.value.pageOf(to, deck.pages));
    try {
      await socket.request('page', { deck: deck.id, page: to });
    } catch (e) {
      setWish(0);
      toast('error', w.value.turnFailed, sentence(e));
    }
  };
  useEffect(() => setWish(0), [at]);
  useEffect(() => {
    showing.show(urlOf(deck, n, 'l'));
    for (const next of [n + 1, n - 1]) if (next >= 1 && next <= deck.pages) new Image().src = urlOf(deck, next, 'l');
  }, [deck, n, showing]);
  useEffect(() => () => showing.stop(), [showing]);

  useLayoutEffect(() => {
    const on = (e: KeyboardEvent) => {
      const step = stepOf(e, panel.current, keys, n, deck.pages);
      if (step === null) return;
      e.preventDefault();
      void turn(step);
    };
    addEventListener('keydown', on);
    return () => removeEventListener('keydown', on);
  });

  const pen = useMemo(() => drawing(socket), [socket]);
  useLayoutEffect(() => pen.attach(sheet.current, { deck: deck.id, page: n, tool, color }), [pen, deck.id, n, tool, color]);
  const mine = pen.line.value;
  const drawn = ink.value.deck === deck.id && ink.value.page === n ? ink.value.strokes : [];
  const change = (what: 'undo' | 'clear') => {
    socket.request('ink', { deck: deck.id, page: n, do: what, color: '', wide: false, points: '' })
      .catch((e: unknown) => toast('error', w.value.failed, sentence(e)));
  };
  const tall = (showing.now.value?.height ?? 9) / (showing.now.value?.width ?? 16);
  return (
    <div ref={panel} class="open-deck" data-testid="open-deck" data-page={at}>
      <div class={`board tool-${tool}`}>
        <Sheet box={sheet} picture={showing.now.value} label={slideWords.value.slideLabel(deck.title, n, deck.pages)} strokes={drawn} point={null}>
          {mine && <Line stroke={mine} tall={tall} />}
        </Sheet>
      </div>
      <div class="turning" role="group" aria-label={slideWords.value.pageOf(n, deck.pages)}>
        <button type="button" class="btn quiet icon" aria-disabled={n <= 1} onClick={() => void turn(n - 1)} aria-label={x.previous} title={x.previous} data-testid="page-back">
          <ChevronLeft size={24} aria-hidden="true" />
        </button>
        <span class="num" data-testid="page-now">{n} / {deck.pages}</span>
        <button type="button" class="btn" aria-disabled={n >= deck.pages} onClick={() => void turn(n + 1)} data-testid="page-next" aria-label={x.next} title={x.next}>
          <span class="word">{x.nextShort}</span><ChevronRight size={24} aria-hidden="true" />
        </button>
        <button type="button" class="btn quiet icon" aria-label={x.close} title={x.close} onClick={() => {
          socket.request('page', { deck: '', page: 0 }).catch((e: unknown) => toast('error', w.value.failed, sentence(e)));
        }} data-testid="deck-close"><X size={22} aria-hidden="true" /></button>
      </div>
      <div class="drawing" role="toolbar" aria-label={x.tools}>
        {TOOLS.map((k) => (
          <button key={k.tool} type="button" class="btn quiet icon small" aria-pressed={tool === k.tool} aria-label={x[k.word]} title={x[k.word]}
            onClick={() => setTool(k.tool)} data-testid={`tool-${k.tool}`}><k.icon size={18} aria-hidden="true" /></button>
        ))}
        {(tool === 'pen' || tool === 'marker') && (
          <span class="colors" role="group" aria-label={x.colors}>
            {(Object.keys(COLORS) as Color[]).map((c) => (
              <button key={c} type="button" class={`dab ${c}`} aria-pressed={color === c} aria-label={x.color[c]} title={x.color[c]} onClick={() => setColor(c)}
                data-testid={`color-${c}`} />
            ))}
          </span>
        )}
        <span class="grow" />
        <button type="button" class="btn bare icon small" aria-disabled={drawn.length === 0} onClick={() => change('undo')} aria-label={x.undo} title={x.undo} data-testid="ink-undo">
          <Undo2 size={18} aria-hidden="true" />
        </button>
        <button type="button" class="btn bare icon small" aria-disabled={drawn.length === 0} onClick={() => change('clear')} aria-label={x.clear} title={x.clear} data-testid="ink-clear">
          <Eraser size={18} aria-hidden="true" />
        </button>
      </div>
      <Strip deck={deck} now={n} onPage={(to) => void turn(to)} />
      <p class="small muted keys">{x.keys}</p>
    </div>
  );
}

/** What page a key leads to; null for keys that are not ours. On the lectern's page a remote control works wherever the focus is. */
function stepOf(e: KeyboardEvent, panel: HTMLElement | null, keys: 'page' | 'panel', n: number, last: number): number | null {
  if (e.ctrlKey || e.altKey || e.metaKey || e.shiftKey || document.querySelector('dialog[open]')) return null;
  const on = e.target instanceof Element ? e.target : null;
  const inside = on !== null && panel !== null && panel.contains(on);
  if (keys === 'panel' && !inside) return null;
  if (on?.closest('input, textarea, select, [contenteditable], [role=tablist], video') && !inside) return null;
  switch (e.key) {
    case 'PageDown':
    case 'ArrowRight':
      return Math.min(n + 1, last);
    case 'PageUp':
    case 'ArrowLeft':
      return Math.max(n - 1, 1);
    case 'Home':
      return inside ? 1 : null;
    case 'End':
      return inside ? last : null;
  }
  return null;
}

/** All pages, small; the present one is kept in sight. */
function Strip({ deck, now, onPage }: { deck: Deck; now: number; onPage: (n: number) => void }) {
  const list = useRef<HTMLOListElement>(null);
  const x = w.value;
  useEffect(() => {
    const box = list.current;
    const li = box?.children[now - 1] as HTMLElement | undefined;
    if (box && li) box.scrollTo({ left: li.offsetLeft - box.offsetLeft - box.clientWidth / 2 + li.clientWidth / 2 });
  }, [now]);
  return (
    <ol ref={list} class="strip" aria-label={x.thumbs} data-testid="strip">
      {Array.from({ length: deck.pages }, (_, i) => i + 1).map((n) => (
        <li key={n}>
          <button type="button" aria-current={n === now ? 'page' : undefined} aria-label={x.goTo(n)} onClick={() => onPage(n)} data-testid={`thumb-${n}`}
            tabIndex={n === now ? 0 : -1}>
            <img src={urlOf(deck, n, 's')} loading="lazy" alt="" width={112} height={63} />
            <span class="num" aria-hidden="true">{n}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
