import type { ComponentChildren } from 'preact';
import { signal, useSignal } from '@preact/signals';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';
import { ArrowDown, CircleAlert, MessagesSquare, SendHorizontal, Trash2 } from 'lucide-preact';
import { announce } from '../../a11y';
import { lang, sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { chat, event, may, mine, talk } from '../../store/state';
import { formatClock } from '../../time';
import { MaxChat, type ChatLine } from '../../wire.gen';
import './chat.css';
import { w } from './words';

/** The messages of the window, the newest below. tools are what a reader may do with a message. */
export function ChatList({ tools }: { tools: (l: ChatLine) => ComponentChildren }) {
  const log = useRef<HTMLDivElement>(null);
  const unseen = useSignal(0);
  const before = useRef('');
  const x = w.value;
  const lines = [...chat.value.values()];
  const last = lines.at(-1)?.id ?? '';
  const box = () => log.current?.closest<HTMLElement>('.panel-body, .chat-scroll');
  useLayoutEffect(() => {
    const b = box();
    if (!b || last === before.current) return;
    const first = before.current === '';
    before.current = last;
    // Who reads further up is not torn away from it.
    if (first || b.scrollHeight - b.scrollTop - b.clientHeight < 160) b.scrollTop = b.scrollHeight;
    else unseen.value++;
  }, [last]);
  useEffect(() => {
    const b = box();
    const on = () => {
      if (b && b.scrollHeight - b.scrollTop - b.clientHeight < 40) unseen.value = 0;
    };
    b?.addEventListener('scroll', on, { passive: true });
    return () => b?.removeEventListener('scroll', on);
  }, []);
  return (
    <>
      {lines.length === 0 && (
        <p class="nothing">
          <MessagesSquare size={32} aria-hidden="true" />
          {x.none}
          <span class="small muted">{x.noneHint}</span>
        </p>
      )}
      <div ref={log} role="log" aria-live="off" aria-label={x.tab}>
        <ul class="chat" data-testid="chat">
          {lines.map((l) => <Line key={l.id} l={l} tools={tools(l)} />)}
        </ul>
      </div>
      {unseen.value > 0 && (
        <button type="button" class="btn small chat-fresh" onClick={() => {
          const b = box();
          if (b) b.scrollTop = b.scrollHeight;
        }}>
          <ArrowDown size={16} aria-hidden="true" />{x.fresh(unseen.value)}
        </button>
      )}
    </>
  );
}

/** Who wrote: by name, or by role where the link has no name. */
export function writer(l: ChatLine): string {
  return l.name || w.value.roles[l.role as keyof typeof w.value.roles] || l.role;
}

function Line({ l, tools }: { l: ChatLine; tools: ComponentChildren }) {
  const x = w.value;
  const own = (mine.value.said ?? []).includes(l.id);
  const staff = l.role !== 'participant' && l.role !== 'guest';
  return (
    <li class={`line${own ? ' own' : ''}`} data-testid="chat-line" data-id={l.id}>
      <p class="by">
        <strong>{own ? x.you : writer(l)}</strong>
        {staff && l.name && <span class="badge">{x.roles[l.role as keyof typeof x.roles] ?? l.role}</span>}
        {l.asked && <span class="badge gold">{x.asked}</span>}
        <span class="small muted num">{formatClock(new Date(l.at).toISOString(), lang.value)}</span>
      </p>
      {!own && l.unit && <p class="small muted from">{[l.unit, l.region].filter(Boolean).join(' · ')}</p>}
      <p class="text">{l.text}</p>
      {tools && <div class="tools">{tools}</div>}
    </li>
  );
}

const draft = signal(''); // outlives a change of tab and a lost connection

/** What was typed stays until the server has it. */
export function ChatForm({ socket }: { socket: Socket }) {
  const busy = useSignal(false);
  const error = useSignal('');
  const id = useId();
  const x = w.value;
  const over = event.value?.phase === 'ended';
  if (!may('chat') || over || !talk.value.chat) return <p class="ask small muted">{over ? x.ended : x.off}</p>;
  const n = [...draft.value.trim()].length;
  const long = n - MaxChat;
  const submit = async (e: Event) => {
    e.preventDefault();
    if (n === 0 || long > 0 || busy.value) return;
    busy.value = true;
    error.value = '';
    try {
      await socket.request('chat', { text: draft.value.trim() });
      draft.value = '';
      announce(x.sent);
    } catch (err) {
      error.value = sentence(err);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="ask chat-form" onSubmit={(e) => void submit(e)}>
      <label for={id} class="sr">{x.label}</label>
      <div class="row">
        <input id={id} class="input" autocomplete="off" placeholder={x.placeholder} value={draft.value} aria-describedby={`${id}-n ${id}-e`}
          aria-invalid={long > 0} enterkeyhint="send" data-testid="chat-text" onInput={(e) => {
            draft.value = e.currentTarget.value;
            error.value = '';
          }} />
        <button type="submit" class="btn icon" aria-disabled={n === 0 || long > 0 || busy.value} aria-label={x.send} title={x.send} data-testid="chat-send">
          {busy.value ? <span class="spinner" aria-hidden="true" /> : <SendHorizontal size={20} aria-hidden="true" />}
        </button>
      </div>
      <div id={`${id}-e`} role="alert">
        {error.value && <p class="error" data-testid="chat-error"><CircleAlert size={16} aria-hidden="true" />{error.value}</p>}
      </div>
      <p id={`${id}-n`} class={`small ${long > 0 ? 'error' : 'muted'}`}>{long > 0 ? x.tooLong(long) : x.named}</p>
    </form>
  );
}

/** The viewer's chat: one's own messages may be taken back. */
export function Chat({ socket }: { socket: Socket }) {
  const error = useSignal('');
  const x = w.value;
  const remove = async (l: ChatLine) => {
    error.value = '';
    try {
      await socket.request('chat.remove', { message: l.id });
      announce(x.removed);
    } catch (e) {
      error.value = sentence(e);
    }
  };
  return (
    <>
      <ChatList tools={(l) => (mine.value.said ?? []).includes(l.id) && (
        <button type="button" class="btn bare icon small" onClick={() => void remove(l)} aria-label={x.remove} title={x.remove}>
          <Trash2 size={16} aria-hidden="true" />
        </button>
      )} />
      <div role="alert">{error.value && <p class="small error">{error.value}</p>}</div>
    </>
  );
}
