import { computed, useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { ChartColumn, CircleAlert, CircleCheck } from 'lucide-preact';
import { announce } from '../../a11y';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { may, mine, polls, tallies } from '../../store/state';
import { MaxPollAnswer, type MyAnswer, type Poll } from '../../wire.gen';
import './polls.css';
import { choices, Results } from './results';
import { w } from './words';

const number = (p: Poll): number => Number(p.id.slice(1));

/** What the reader may answer, then what is over; the newest of each first, questions of a test in their order. */
const shownPolls = computed(() =>
  [...polls.value.values()].sort((a, b) =>
    Number(a.status === 'closed') - Number(b.status === 'closed') ||
    (a.set && a.set === b.set ? number(a) - number(b) : number(b) - number(a))));

export function PollList({ socket }: { socket: Socket }) {
  const x = w.value;
  if (shownPolls.value.length === 0) {
    return (
      <p class="nothing">
        <ChartColumn size={32} aria-hidden="true" />
        {x.none}
        <span class="small muted">{x.noneHint}</span>
      </p>
    );
  }
  return (
    <ul class="polls">
      {shownPolls.value.map((p) => (
        <li key={p.id} class="poll" data-testid="poll" data-id={p.id} data-status={p.status}>
          <PollCard p={p} socket={socket} />
        </li>
      ))}
    </ul>
  );
}

function PollCard({ p, socket }: { p: Poll; socket: Socket }) {
  const x = w.value;
  const own = (mine.value.answers ?? []).find((a) => a.poll === p.id);
  const tally = p.tally ?? tallies.value.get(p.id);
  const picked = own ? (p.kind === 'scale' ? 1 << (own.value - 1) : own.pick) : 0;
  return (
    <>
      <p class="row">
        {p.status === 'closed' && <span class="badge grey">{x.closed}</span>}
        {p.set && <span class="badge gold">{p.set === 'pre' ? x.pre : x.post}</span>}
        {p.anonymous && <span class="badge">{x.anonymous}</span>}
      </p>
      {p.status === 'open' && may('poll.answer')
        ? <Answer key={JSON.stringify(own)} p={p} own={own} socket={socket} />
        : <p class="text">{p.text}</p>}
      {tally && p.kind !== 'text' && <Results p={p} tally={tally} picked={picked} />}
      {p.status === 'closed' && p.kind === 'text' && own && <p class="small muted">{x.yours}: {own.text}</p>}
    </>
  );
}

function Answer({ p, own, socket }: { p: Poll; own: MyAnswer | undefined; socket: Socket }) {
  const x = w.value;
  const pick = useSignal(own?.pick ?? 0);
  const value = useSignal(own?.value ?? 0);
  const text = useSignal(own?.text ?? '');
  const busy = useSignal(false);
  const error = useSignal('');
  const id = useId();
  const several = p.kind === 'multiple';
  const empty = p.kind === 'scale' ? value.value === 0 : p.kind === 'text' ? !text.value.trim() : pick.value === 0;
  const same = own && own.pick === pick.value && own.value === value.value && own.text === text.value.trim();
  const submit = async (e: Event) => {
    e.preventDefault();
    if (empty || busy.value || same) return;
    busy.value = true;
    error.value = '';
    try {
      await socket.request('poll.answer', { poll: p.id, pick: pick.value, value: value.value, text: text.value.trim() });
      announce(x.sent);
    } catch (err) {
      error.value = sentence(err);
    } finally {
      busy.value = false;
    }
  };
  const hint = p.kind === 'scale' ? x.scaleHint(p.top) : several ? x.pickSome : p.kind === 'single' ? x.pickOne : '';
  return (
    <form class="stack" onSubmit={(e) => void submit(e)}>
      {p.kind === 'text' ? (
        <>
          <label class="text" for={id}>{p.text}</label>
          <textarea id={id} class="input" rows={2} maxLength={MaxPollAnswer} placeholder={x.textLabel} value={text.value}
            onInput={(e) => (text.value = e.currentTarget.value)} data-testid="poll-text" />
        </>
      ) : (
        <fieldset class={`poll-choices${p.kind === 'scale' ? ' scale' : ''}`} aria-describedby={`${id}-h`}>
          <legend class="text">{p.text}</legend>
          {choices(p).map((label, i) => {
            const on = p.kind === 'scale' ? value.value === i + 1 : Boolean(pick.value & (1 << i));
            return (
              <label key={label} class={on ? 'on' : ''} data-testid="poll-choice">
                <input type={several ? 'checkbox' : 'radio'} name={id} checked={on} onChange={() => {
                  if (p.kind === 'scale') value.value = i + 1;
                  else pick.value = several ? pick.value ^ (1 << i) : 1 << i;
                }} />
                <span>{label}</span>
              </label>
            );
          })}
        </fieldset>
      )}
      {hint && <p id={`${id}-h`} class="small muted">{hint}</p>}
      <p class="small muted">{p.anonymous ? x.anonymousNote : x.named}</p>
      <div role="alert">
        {error.value && <p class="error"><CircleAlert size={16} aria-hidden="true" />{error.value}</p>}
      </div>
      {same ? (
        <p class="small poll-sent" role="status" data-testid="poll-sent"><CircleCheck size={18} aria-hidden="true" />{x.sent}</p>
      ) : (
        <button type="submit" class="btn" aria-disabled={empty || busy.value} data-testid="poll-send">
          {busy.value && <span class="spinner" aria-hidden="true" />}
          {own ? x.change : x.send}
        </button>
      )}
    </form>
  );
}
