import type { ComponentChildren } from 'preact';
import { Ban, Check, Merge, MessageSquareReply, Mic, MonitorX, Presentation, ThumbsUp, X } from 'lucide-preact';
import { lang } from '../../i18n';
import { may, questions, stage } from '../../store/state';
import { formatClock, formatNumber } from '../../time';
import type { Question } from '../../wire.gen';
import { banning, busy, form, type Actions } from './actions';
import type { Match } from './similar';
import { w } from './words';

/** One question with what may be done to it now. Letters act while it, or a button in it, has the focus. */
export function Card(p: { q: Question; actions: Actions; alike?: Match<Question> | null }) {
  const { q, actions } = p;
  const x = w.value;
  return (
    <li class={`q-card ${q.status}`} tabIndex={0} data-testid="question" data-id={q.id} data-status={q.status}
      aria-busy={busy.value.has(q.id)} onKeyDown={(e) => keys(e, q, actions)}>
      <p class="q-text">{q.text}</p>
      <Meta q={q} />
      {q.status === 'pending' && p.alike && <Alike q={q} match={p.alike} actions={actions} />}
      <Outcome q={q} />
      <div class="q-actions">
        {q.status === 'pending' && may('approve') && (
          <Act q={q} testid="q-approve" onClick={() => void actions.approve(q)} look="">
            <Check size={17} aria-hidden="true" />{x.approve}
          </Act>
        )}
        {q.status === 'approved' && may('show') && (
          <Act q={q} testid="q-show" onClick={() => void actions.show(q)} look="">
            <Presentation size={17} aria-hidden="true" />{x.show}
          </Act>
        )}
        {q.status === 'approved' && <Answers q={q} actions={actions} />}
        {open(q) && <Sort q={q} />}
      </div>
    </li>
  );
}

/** The question everyone sees large. */
export function Shown({ q, actions }: { q: Question; actions: Actions }) {
  const x = w.value;
  return (
    <section class="q-shown" aria-label={x.shown} data-testid="q-shown" data-id={q.id} tabIndex={0}
      onKeyDown={(e) => keys(e, q, actions)}>
      <div class="q-shown-text">
        <span class="badge gold"><Presentation size={14} aria-hidden="true" />{x.shown}</span>
        <p class="q-text">{q.text}</p>
        <Meta q={q} />
      </div>
      <div class="q-actions">
        <Answers q={q} actions={actions} />
        {may('show') && (
          <Act q={q} testid="q-hide" onClick={() => void actions.hide(q)}>
            <MonitorX size={17} aria-hidden="true" />{x.takeDown}
          </Act>
        )}
      </div>
    </section>
  );
}

function Answers({ q, actions }: { q: Question; actions: Actions }) {
  if (!may('answer')) return null;
  const x = w.value;
  return (
    <>
      <Act q={q} testid="q-answer-live" onClick={() => void actions.answerLive(q)}>
        <Mic size={17} aria-hidden="true" />{x.answerLive}
      </Act>
      <Act q={q} testid="q-answer-written" onClick={() => (form.value = { kind: 'answer', id: q.id })}>
        <MessageSquareReply size={17} aria-hidden="true" />{x.answerWritten}
      </Act>
    </>
  );
}

function Sort({ q }: { q: Question }) {
  const x = w.value;
  return (
    <>
      {may('merge') && (
        <Act q={q} testid="q-merge" look="bare" onClick={() => (form.value = { kind: 'merge', id: q.id })}>
          <Merge size={17} aria-hidden="true" />{x.merge}
        </Act>
      )}
      {may('reject') && (
        <Act q={q} testid="q-reject" look="bare" onClick={() => (form.value = { kind: 'reject', id: q.id })}>
          <X size={17} aria-hidden="true" />{x.reject}
        </Act>
      )}
      {may('ban') && (
        <button type="button" class="btn bare icon small q-ban" onClick={() => (banning.value = q.id)} data-testid="q-ban"
          title={x.banAsker} aria-label={x.banAsker}>
          <Ban size={17} aria-hidden="true" />
        </button>
      )}
    </>
  );
}

function Act(p: { q: Question; testid: string; onClick: () => void; look?: string; children: ComponentChildren }) {
  return (
    <button type="button" class={`btn small ${p.look ?? 'quiet'}`} aria-disabled={busy.value.has(p.q.id)}
      onClick={() => !busy.value.has(p.q.id) && p.onClick()} data-testid={p.testid}>
      {p.children}
    </button>
  );
}

function Meta({ q }: { q: Question }) {
  const x = w.value;
  return (
    <p class="q-meta small muted">
      {q.status !== 'pending' && q.status !== 'rejected' && q.status !== 'merged' && (
        <span class="q-support num" title={x.supporters(String(q.support))}>
          <ThumbsUp size={14} aria-hidden="true" />
          <span data-testid="support-count">{formatNumber(q.support, lang.value)}</span>
          <span class="sr"> {x.supporters('')}</span>
        </span>
      )}
      <span>{x.from(q.unit, q.region)}</span>
      <span class="num">{x.askedAt(formatClock(q.askedAt, lang.value))}</span>
    </p>
  );
}

function Alike({ q, match, actions }: { q: Question; match: Match<Question>; actions: Actions }) {
  const x = w.value;
  return (
    <div class="q-alike small" data-testid="q-alike">
      <p>
        <strong>{x.similar(Math.round(match.score * 100))}</strong> {match.question.text}
      </p>
      <button type="button" class="btn bare small" aria-disabled={busy.value.has(q.id)} data-testid="q-merge-here"
        onClick={() => void actions.merge(q, match.question.id)}>
        <Merge size={16} aria-hidden="true" />
        {x.mergeHere}
      </button>
    </div>
  );
}

function Outcome({ q }: { q: Question }) {
  const x = w.value;
  if (q.status === 'rejected') return <p class="q-outcome"><strong>{x.reasonIs}:</strong> {q.reason}</p>;
  if (q.status === 'answered') {
    return q.answer
      ? <p class="q-outcome"><strong>{x.answerIs}:</strong> {q.answer}</p>
      : <p class="q-outcome"><strong>{x.wasLive}</strong></p>;
  }
  if (q.status === 'merged') {
    const into = questions.value.get(q.into ?? '');
    return <p class="q-outcome"><strong>{x.mergedInto}:</strong> {into?.text ?? q.into}</p>;
  }
  return null;
}

const open = (q: Question): boolean => q.status === 'pending' || q.status === 'approved';

function keys(e: KeyboardEvent, q: Question, actions: Actions): void {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
  const card = e.currentTarget as HTMLElement;
  const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
  if (step) {
    const all = [...(card.closest('.q-list')?.querySelectorAll<HTMLElement>('.q-card') ?? [])];
    const to = all[all.indexOf(card) + step];
    if (to) {
      e.preventDefault();
      to.focus();
    }
    return;
  }
  const shown = stage.value.question === q.id;
  const does: Record<string, (() => void) | false> = {
    a: q.status === 'pending' && may('approve') && (() => void actions.approve(q)),
    t: open(q) && may('reject') && (() => (form.value = { kind: 'reject', id: q.id })),
    g: open(q) && may('merge') && (() => (form.value = { kind: 'merge', id: q.id })),
    p: q.status === 'approved' && may('show') && (() => void (shown ? actions.hide(q) : actions.show(q))),
    l: q.status === 'approved' && may('answer') && (() => void actions.answerLive(q)),
    j: q.status === 'approved' && may('answer') && (() => (form.value = { kind: 'answer', id: q.id })),
  };
  const act = does[e.key.toLowerCase()];
  if (!act || busy.value.has(q.id)) return;
  e.preventDefault();
  // The card leaves this list: the next one takes the focus, so that a moderator goes on without the mouse.
  const next = (card.nextElementSibling ?? card.previousElementSibling) as HTMLElement | null;
  if (card.classList.contains('q-card') && (e.key.toLowerCase() === 'a' || e.key.toLowerCase() === 'l')) next?.focus();
  act();
}
