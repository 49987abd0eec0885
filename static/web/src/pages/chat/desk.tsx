import { useState } from 'preact/hooks';
import { Ban, MessageCircleQuestion, Trash2 } from 'lucide-preact';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { event, may, mine, talk } from '../../store/state';
import type { ChatLine } from '../../wire.gen';
import { toast } from '../staff/toast';
import { ChatForm, ChatList, writer } from './list';
import { w } from './words';

/** The desk's chat: open or closed, and what may be done with a message. */
export function ChatDesk({ socket, onBan }: { socket: Socket; onBan: (message: string) => void }) {
  const [busy, setBusy] = useState('');
  const x = w.value;
  const run = async (key: string, done: string, request: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(key);
    try {
      await request();
      if (done) toast('good', done);
    } catch (e) {
      toast('error', x.failed, sentence(e));
    } finally {
      setBusy('');
    }
  };
  const tools = (l: ChatLine) => {
    const waits = busy === l.id;
    const staff = l.role !== 'participant' && l.role !== 'guest';
    const name = writer(l);
    return (
      <>
        {!l.asked && !staff && (
          <button type="button" class="btn quiet small" aria-disabled={waits} data-testid="chat-promote"
            onClick={() => void run(l.id, x.promoted, () => socket.request('chat.promote', { message: l.id }))}>
            <MessageCircleQuestion size={16} aria-hidden="true" />{x.promote}<span class="sr">: {l.text}</span>
          </button>
        )}
        <button type="button" class="btn bare icon small" aria-disabled={waits} data-testid="chat-remove"
          aria-label={(mine.value.said ?? []).includes(l.id) ? x.remove : x.removeOf(name)} title={x.remove}
          onClick={() => void run(l.id, x.removed, () => socket.request('chat.remove', { message: l.id }))}>
          <Trash2 size={16} aria-hidden="true" />
        </button>
        {!staff && may('ban') && (
          <button type="button" class="btn bare icon small" aria-label={`${x.ban}: ${name}`} title={x.ban} onClick={() => onBan(l.id)} data-testid="chat-ban">
            <Ban size={16} aria-hidden="true" />
          </button>
        )}
      </>
    );
  };
  const set = (change: { chat?: boolean; reactions?: boolean }) =>
    void run('set', '', () => socket.request('chat.set', { ...talk.value, ...change }));
  return (
    <section class="chat-desk" aria-label={x.deskLabel} data-testid="chat-desk">
      <div class="chat-set">
        <label class="auto">
          <input type="checkbox" role="switch" checked={talk.value.chat} data-testid="chat-on"
            onChange={(e) => set({ chat: e.currentTarget.checked })} />
          {x.switchChat}
        </label>
        <label class="auto">
          <input type="checkbox" role="switch" checked={talk.value.reactions} data-testid="reactions-on"
            onChange={(e) => set({ reactions: e.currentTarget.checked })} />
          {x.switchReactions}
        </label>
        {event.value?.kind !== 'class' && <p class="small muted">{x.switchHint}</p>}
      </div>
      <div class="chat-scroll" tabIndex={0}><ChatList tools={tools} /></div>
      <ChatForm socket={socket} />
    </section>
  );
}
