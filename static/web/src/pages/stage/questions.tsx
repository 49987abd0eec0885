import { useEffect } from 'preact/hooks';
import { MessageCircleQuestionMark, ThumbsUp } from 'lucide-preact';
import { announce } from '../../a11y';
import { lang } from '../../i18n';
import { bySupport, questions, shown } from '../../store/state';
import { formatNumber } from '../../time';
import { w } from './words';

/** The question the moderator chose, large enough to read from a lectern. */
export function Chosen() {
  const q = shown.value;
  const x = w.value;
  useEffect(() => {
    if (q) announce(`${w.value.question}: ${q.text}`);
  }, [q?.id]);
  if (!q) {
    return (
      <section class="chosen none" aria-label={x.question}>
        <MessageCircleQuestionMark size={24} aria-hidden="true" />
        <p>{x.questionNone}</p>
      </section>
    );
  }
  const size = q.text.length > 180 ? 'long' : q.text.length > 90 ? 'mid' : 'short';
  return (
    <section class={`chosen ${size}`} aria-label={x.question} data-testid="chosen-question" data-id={q.id}>
      <p class="eyebrow">{x.question}</p>
      <p class="text">{q.text}</p>
      <p class="from">{x.questionFrom(q.unit, q.region)}</p>
    </section>
  );
}

const MOST = 30;

/** What else the audience asks, most wanted first. */
export function Approved() {
  const x = w.value;
  const list = [...questions.value.values()]
    .filter((q) => q.status === 'approved' && q.id !== shown.value?.id)
    .sort(bySupport);
  return (
    <section class="approved" aria-labelledby="approved-h">
      <h2 id="approved-h">{x.approved} {list.length > 0 && <span class="num muted">{list.length}</span>}</h2>
      {list.length === 0 ? (
        <p class="muted">{x.approvedNone}</p>
      ) : (
        <ol data-testid="approved-list">
          {list.slice(0, MOST).map((q) => (
            <li key={q.id} data-testid="approved-question" data-id={q.id}>
              <span class="votes num" title={x.supporters(String(q.support))}>
                <ThumbsUp size={16} aria-hidden="true" />
                {formatNumber(q.support, lang.value)}
                <span class="sr"> {x.supporters('')}</span>
              </span>
              <span>
                {q.text}
                <span class="small muted from">{x.questionFrom(q.unit, q.region)}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
