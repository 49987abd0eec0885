import { computed, signal, useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { Check, CircleAlert, MessageCircleQuestion, SendHorizontal, ThumbsUp } from 'lucide-preact';
import { announce } from '../../a11y';
import { lang, sentence, t } from '../../i18n';
import type { Socket } from '../../socket';
import { bySupport, event, may, mine, questions, stage } from '../../store/state';
import { formatNumber } from '../../time';
import { MaxQuestion, type Question } from '../../wire.gen';
import { w } from './words';

/** Characters as the server counts them: Unicode code points, not UTF-16 units. */
const length = (s: string): number => [...s].length;

const draft = signal(''); // outlives a change of tab and a lost connection

/** 300 characters to the moderators. What was typed stays until the server has it. */
export function AskForm({ socket, onSent }: { socket: Socket; onSent: () => void }) {
  const busy = useSignal(false);
  const error = useSignal('');
  const id = useId();
  const x = w.value;
  const phase = event.value?.phase;
  if (!may('ask') || phase === 'ended') return <p class="ask small muted">{x.noAsk}</p>;
  const n = length(draft.value.trim());
  const over = n - MaxQuestion;
  const submit = async (e: Event) => {
    e.preventDefault();
    const text = draft.value.trim();
    if (!text || over > 0 || busy.value) return;
    busy.value = true;
    error.value = '';
    try {
      await socket.request('ask', { text });
      draft.value = '';
      announce(t.value.questionSent);
      onSent();
    } catch (err) {
      error.value = sentence(err);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class={`ask${n > 0 || error.value ? ' open' : ''}`} onSubmit={(e) => void submit(e)}>
      <label for={id} class="sr">{x.askLabel}</label>
      <textarea id={id} class="input" rows={2} placeholder={x.askPlaceholder} value={draft.value}
        aria-describedby={`${id}-n ${id}-e`} aria-invalid={over > 0}
        onInput={(e) => {
          draft.value = e.currentTarget.value;
          error.value = '';
        }}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) void submit(e);
        }} data-testid="ask-text" />
      <div id={`${id}-e`} role="alert">
        {error.value && <p class="error"><CircleAlert size={16} aria-hidden="true" />{error.value}</p>}
      </div>
      <div class="row spread under">
        <p id={`${id}-n`} class="small muted">
          <span class={`num count${over > 0 ? ' over' : ''}`} data-testid="ask-count">
            {over > 0 ? x.tooLong(over) : x.count(n, MaxQuestion)}
          </span>
          <span class="anon">{x.askAnon}</span>
        </p>
        <button type="submit" class="btn" aria-disabled={n === 0 || over > 0 || busy.value} data-testid="ask-send">
          {busy.value
            ? <span class="spinner" aria-hidden="true" />
            : <SendHorizontal size={18} aria-hidden="true" />}
          {t.value.send}
        </button>
      </div>
    </form>
  );
}

const open = computed(() => [...questions.value.values()].filter((q) => q.status === 'approved').sort(bySupport));
const answered = computed(() =>
  [...questions.value.values()].filter((q) => q.status === 'answered').sort(bySupport));
const ownIds = computed(() => new Set(mine.value.questions.map((q) => q.id)));

// A vote shows at once; the server's word replaces it.
const votes = signal<ReadonlyMap<string, boolean>>(new Map());

export function QuestionList({ socket }: { socket: Socket }) {
  const x = w.value;
  if (open.value.length === 0 && answered.value.length === 0) {
    return (
      <p class="nothing">
        <MessageCircleQuestion size={32} aria-hidden="true" />
        {x.emptyList}
      </p>
    );
  }
  return (
    <>
      <ul class="questions">
        {open.value.map((q) => <Item key={q.id} q={q} socket={socket} />)}
      </ul>
      {answered.value.length > 0 && (
        <>
          <h2 class="sub">{x.answeredList}</h2>
          <ul class="questions">
            {answered.value.map((q) => <Item key={q.id} q={q} socket={socket} />)}
          </ul>
        </>
      )}
    </>
  );
}

function Item({ q, socket }: { q: Question; socket: Socket }) {
  const x = w.value;
  const error = useSignal('');
  const own = ownIds.value.has(q.id);
  const known = mine.value.supported.includes(q.id);
  const mark = votes.value.get(q.id);
  const on = mark ?? known;
  const n = q.support + (mark !== undefined && mark !== known ? (mark ? 1 : -1) : 0);
  const count = formatNumber(Math.max(0, n), lang.value);
  const vote = async () => {
    if (mark !== undefined) return; // one is on its way
    const set = (v?: boolean) => {
      const m = new Map(votes.value);
      if (v === undefined) m.delete(q.id);
      else m.set(q.id, v);
      votes.value = m;
    };
    set(!on);
    error.value = '';
    try {
      await socket.request('support', { question: q.id, on: !on });
      setTimeout(set, 1500); // the list and one's own votes follow the ack within a tick of the server
    } catch (e) {
      set();
      error.value = sentence(e);
    }
  };
  return (
    <li class={`question${stage.value.question === q.id ? ' staged' : ''}`} data-testid="question-item" data-id={q.id}
      data-status={q.status}>
      <div class="body">
        {stage.value.question === q.id && <span class="badge gold">{x.nowOnStage}</span>}
        {own && <span class="badge">{x.yours}</span>}
        <p class="text">{q.text}</p>
        <p class="small muted">{x.fromUnit(q.unit, q.region)}</p>
        {q.status === 'answered' && <Reply q={q} />}
        <div role="alert">{error.value && <p class="small error">{error.value}</p>}</div>
      </div>
      {q.status === 'approved' && may('support') ? (
        <button type="button" class="vote" aria-pressed={on} onClick={() => void vote()} data-testid="support">
          <ThumbsUp size={20} aria-hidden="true" />
          <span class="num">{count}</span>
          <span class="small">{on ? x.supported : x.support}</span>
          <span class="sr">: {q.text}</span>
        </button>
      ) : (
        <p class="vote still" title={x.supportCount(count)}>
          <ThumbsUp size={20} aria-hidden="true" />
          <span class="num">{count}</span>
        </p>
      )}
    </li>
  );
}

/** How a question was answered. */
export function Reply({ q }: { q: Question }) {
  if (!q.answer) {
    return <p><span class="badge"><Check size={14} aria-hidden="true" />{t.value.answeredLive}</span></p>;
  }
  return (
    <div class="reply">
      <p class="small"><strong>{t.value.answeredInWriting}</strong></p>
      <p>{q.answer}</p>
    </div>
  );
}

/** One's own questions, whatever became of them. */
export function MineList() {
  const x = w.value;
  const list = [...mine.value.questions].reverse();
  if (list.length === 0) {
    return (
      <p class="nothing">
        <MessageCircleQuestion size={32} aria-hidden="true" />
        {x.emptyMine}
      </p>
    );
  }
  return (
    <ul class="questions" data-testid="my-questions">
      {list.map((q) => (
        <li key={q.id} class="question" data-testid="my-question" data-id={q.id} data-status={q.status}>
          <div class="body">
            <p class="text">{q.text}</p>
            <Status q={q} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function Status({ q }: { q: Question }) {
  const x = w.value;
  switch (q.status) {
    case 'pending':
      return <p><span class="badge gold">{x.statusPending}</span></p>;
    case 'approved':
      return (
        <p class="row">
          <span class="badge">{x.statusApproved}</span>
          <span class="small muted">{x.supportCount(formatNumber(q.support, lang.value))}</span>
        </p>
      );
    case 'merged':
      return <p><span class="badge">{x.statusMerged}</span></p>;
    case 'rejected':
      return (
        <>
          <p><span class="badge grey">{x.statusRejected}</span></p>
          {q.reason && <p class="small">{x.reason}: {q.reason}</p>}
        </>
      );
    case 'answered':
      return <Reply q={q} />;
    default:
      return null;
  }
}
