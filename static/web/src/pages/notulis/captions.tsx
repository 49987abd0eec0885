import { useRef, useState } from 'preact/hooks';
import { Captions as Icon, CircleAlert, Eraser, PencilLine } from 'lucide-preact';
import type { Socket } from '../../socket';
import { captions, event } from '../../store/state';
import { useRun } from '../../ui/run';
import { MaxCaption } from '../../wire.gen';
import { w } from './words';

/** Where somebody types the captions: one line at a time; the last ones can be put right. */
export function CaptionDesk({ socket }: { socket: Socket }) {
  const [text, setText] = useState('');
  const [fix, setFix] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const { busy, error, run } = useRun();
  const x = w.value;
  const left = MaxCaption - [...text.trim()].length;
  const over = event.value?.phase === 'ended';
  const send = (n: number, line: string) => run(async () => {
    await socket.request('caption', { n, text: line });
    setText('');
    setFix(0);
    input.current?.focus();
  });
  const lines = captions.value.filter((c) => c.text);
  return (
    <section class="card stack note-captions" aria-labelledby="captions-h">
      <h2 id="captions-h"><Icon size={20} aria-hidden="true" />{x.captions}</h2>
      <p class="small muted">{over ? x.ended : x.captionsLead}</p>
      {lines.length === 0 && <p class="muted">{x.captionNone}</p>}
      <ol class="caption-lines" data-testid="caption-lines">
        {lines.map((c) => (
          <li key={c.n} class={fix === c.n ? 'fixing' : ''}>
            <span>{c.text}</span>
            {!over && (
              <>
                <button type="button" class="btn bare icon small" aria-label={`${x.fix}: ${c.text}`} title={x.fix} onClick={() => {
                  setFix(c.n);
                  setText(c.text);
                  input.current?.focus();
                }}><PencilLine size={16} aria-hidden="true" /></button>
                <button type="button" class="btn bare icon small" aria-label={`${x.strike}: ${c.text}`} title={x.strike} onClick={() => send(c.n, '')}>
                  <Eraser size={16} aria-hidden="true" />
                </button>
              </>
            )}
          </li>
        ))}
      </ol>
      {!over && (
        <form class="stack" onSubmit={(e) => {
          e.preventDefault();
          if (text.trim() && left >= 0) send(fix, text.trim());
        }}>
          <label for="caption-text">{fix ? x.fixing(fix) : x.captionLabel}</label>
          <div class="row caption-row">
            <input ref={input} id="caption-text" class="input" value={text} autocomplete="off" aria-describedby="caption-left" aria-invalid={left < 0}
              onInput={(e) => setText(e.currentTarget.value)} onKeyDown={(e) => {
                if (e.key === 'Escape' && fix) {
                  setFix(0);
                  setText('');
                }
              }} data-testid="caption-text" />
            <button type="submit" class="btn" aria-disabled={busy || !text.trim() || left < 0} data-testid="caption-send">{fix ? x.save : x.captionSend}</button>
            {fix > 0 && <button type="button" class="btn quiet" onClick={() => {
              setFix(0);
              setText('');
            }}>{x.cancel}</button>}
          </div>
          <p id="caption-left" class={`small ${left < 0 ? 'error' : 'muted'}`}>{left < 0 ? x.captionOver(-left) : x.captionLeft(left)}</p>
          <div role="alert">{error && <p class="error"><CircleAlert size={16} aria-hidden="true" />{error}</p>}</div>
        </form>
      )}
    </section>
  );
}
