import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ChartColumn, CircleCheckBig, DoorOpen, LogIn } from 'lucide-preact';
import { setTitle } from '../../a11y';
import { lang } from '../../i18n';
import { lesson } from '../../store/lesson';
import { event, polls, questions } from '../../store/state';
import { formatDate, formatDuration, formatNumber, now } from '../../time';
import { Masthead } from '../../ui/parts';
import '../viewer/viewer.css';
import './goodbye.css';
import { w } from './words';

/** The most people this page has seen at once in the class. */
const most = signal(0);

/** Counts who is here, for the goodbye. */
export function useMost(): void {
  const n = lesson.value.people?.length ?? 0;
  useEffect(() => {
    most.value = Math.max(most.peek(), n);
  }, [n]);
}

/** After the class, or after the trainer has left it: what it was, in figures, and the ways on. */
export function Goodbye({ ended }: { ended: boolean }) {
  const e = event.value;
  const x = w.value;
  const l = lang.value;
  useEffect(() => setTitle(ended ? x.overTitle : x.leftTitle, e?.title ?? ''), [ended, x, e]);
  const ms = e?.liveSince ? now() - Date.parse(e.liveSince) : 0;
  const answered = [...questions.value.values()].filter((q) => q.status === 'answered').length;
  const asked = [...polls.value.values()].filter((p) => p.status !== 'draft').length;
  const num = (n: number) => formatNumber(n, l);
  return (
    <>
      <Masthead home={false} />
      <main id="main" class="page goodbye" data-testid="class-goodbye" data-ended={ended}>
        <div class="stack">
          {ended ? <CircleCheckBig size={40} aria-hidden="true" /> : <DoorOpen size={40} aria-hidden="true" />}
          <h1>{ended ? x.overTitle : x.leftTitle}</h1>
          <p>{e?.title}{e && <span class="muted"> · {formatDate(e.startsAt, l)}</span>}</p>
          <p class="muted">{ended ? x.overText : x.leftText}</p>
          {ms > 0 && (
            <dl class="figures card" data-testid="class-figures">
              <div><dt>{x.lasted}</dt><dd class="num">{formatDuration(Math.round(ms / 1000), l)}</dd></div>
              <div><dt>{x.most}</dt><dd class="num">{num(most.value)}</dd></div>
              <div><dt>{x.answered}</dt><dd class="num">{num(answered)}</dd></div>
              <div><dt>{x.polls}</dt><dd class="num">{num(asked)}</dd></div>
            </dl>
          )}
          <div class="row">
            {!ended && (
              <button type="button" class="btn" onClick={() => location.reload()} data-testid="class-again">
                <LogIn size={18} aria-hidden="true" />{x.again}
              </button>
            )}
            {e && (
              <a class="btn quiet" href={`/bpsdm/ringkasan/${encodeURIComponent(e.id)}`} data-testid="to-summary">
                <ChartColumn size={18} aria-hidden="true" />{x.summary}
              </a>
            )}
          </div>
          <p class="small muted">{x.summaryHint}</p>
        </div>
      </main>
    </>
  );
}
