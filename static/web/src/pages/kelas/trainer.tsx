import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ChartColumn, DoorOpen, MessageCircleQuestionMark, MessageSquare, Presentation, Users } from 'lucide-preact';
import { announce, setTitle } from '../../a11y';
import { sentence, t } from '../../i18n';
import { missing } from '../../media/pc';
import { Choice } from '../../media/quality';
import { Viewer } from '../../media/viewer';
import type { Socket } from '../../socket';
import { lesson } from '../../store/lesson';
import { chat, event, may, polls, questions } from '../../store/state';
import { linkToken } from '../../token';
import { later } from '../../ui/later';
import { Dialog, Notice, Tabs } from '../../ui/parts';
import { keepAwake } from '../../wake';
import { ChatDesk } from '../chat/desk';
import { Chat, ChatForm } from '../chat/list';
import { Actions, banning } from '../desk/actions';
import { Forms } from '../desk/forms';
import { BanForm } from '../desk/hands';
import { Queue } from '../desk/queue';
import '../desk/queue.css';
import { PollDesk } from '../polls/desk';
import { making, PollForm } from '../polls/form';
import { toast, Toasts } from '../staff/toast';
import { Approved, Chosen } from '../stage/questions';
import { w as studioWords } from '../stage/words';
import { NoticeBar } from '../viewer/agenda';
import { Bar, Connection } from '../viewer/stage';
import '../viewer/viewer.css';
import '../viewer/quality.css';
import '../viewer/layout.css';
import { useMost } from './goodbye';
import Lesson from './lesson';
import { People } from './people';
import { Rooms } from './rooms';
import './tools.css';
import { w } from './words';

const Material = later(() => import('../material').then((m) => m.default));

type Tab = 'people' | 'rooms' | 'material' | 'polls' | 'chat' | 'questions';

/**
 * The page of a class for who stands on its stage by role: the same room as everybody's, and beside it the tools of the role. A
 * trainer has all of them; a master of ceremonies or an official has material, the chat and the questions.
 */
export default function Trainer({ socket, scope, onLeft }: { socket: Socket; scope: string; onLeft: () => void }) {
  const choice = useMemo(() => new Choice(), []);
  const media = useMemo(() => (missing(false) ? null : new Viewer(socket, choice.pin)), [socket, choice]);
  const actions = useMemo(() => new Actions(socket), [socket]);
  const lead = may('rooms.make');
  const tab = useSignal<Tab>(lead ? 'people' : 'material');
  const [asking, setAsking] = useState(false);
  const x = w.value;
  const l = lesson.value;
  useMost();
  useEffect(() => {
    media?.start();
    socket.onWelcome = (_, fresh) => {
      if (fresh) media?.start();
    };
    return () => media?.close();
  }, [socket, media]);
  const title = event.value?.title ?? '';
  useEffect(() => setTitle(x.class, title), [x, title]);
  useEffect(() => keepAwake(), []);
  const raised = (l.people ?? []).filter((p) => p.hand > 0);
  const calls = l.rooms.filter((r) => r.help);
  const pending = [...questions.value.values()].filter((q) => q.status === 'pending').length;
  const open = [...polls.value.values()].filter((p) => p.status === 'open').length;
  const fresh = useFresh(Math.max(0, ...[...chat.value.keys()].map((id) => Number(id.slice(1)))), tab.value === 'chat');
  useNews(raised.map((p) => p.seat), (seat) => w.value.raisedBy(raised.find((p) => p.seat === seat)?.name ?? ''));
  useNews(calls.map((r) => r.id), (id) => w.value.calledBy(calls.find((r) => r.id === id)?.n ?? 0));
  if (!media) return <Notice title={studioWords.value.webrtcTitle}><p>{studioWords.value.webrtcText}</p></Notice>;
  const label = (icon: ComponentChildren, word: string, n: number, kind = 'gold') => (
    <>{icon}<span>{word}</span>{n > 0 && <span class={`badge num ${kind}`}>{n}</span>}</>
  );
  const side = lead ? x.trainer : x.side;
  const tabs: { key: Tab; testid: string; label: ComponentChildren; needs: string }[] = [
    { key: 'people', testid: 'tab-people', needs: 'rooms.make', label: label(<Users size={20} aria-hidden="true" />, x.tabPeople, raised.length) },
    { key: 'rooms', testid: 'tab-rooms', needs: 'rooms.make', label: label(<DoorOpen size={20} aria-hidden="true" />, x.tabRooms, calls.length, 'red') },
    { key: 'material', testid: 'tab-material', needs: 'page', label: label(<Presentation size={20} aria-hidden="true" />, x.tabMaterial, 0) },
    { key: 'polls', testid: 'tab-polls', needs: 'poll.make', label: label(<ChartColumn size={20} aria-hidden="true" />, x.tabPolls, open) },
    { key: 'chat', testid: 'tab-chat', needs: 'chat', label: label(<MessageSquare size={20} aria-hidden="true" />, x.tabChat, fresh) },
    { key: 'questions', testid: 'tab-questions', needs: 'backstage', label: label(<MessageCircleQuestionMark size={20} aria-hidden="true" />, x.tabMore, pending) },
  ];
  return (
    <div class="viewer kelas" data-testid="trainer-page">
      <a class="skip" href="#panel">{side}</a>
      <Bar />
      <Connection media={media} />
      <NoticeBar />
      <main id="main" class="kelas-hall">
        <Lesson socket={socket} media={media} choice={choice} onLeave={() => setAsking(true)}>
          <section id="panel" class="panel" tabIndex={-1} aria-label={side}>
            <Tabs<Tab> label={side} value={tab.value} onChange={(k) => (tab.value = k)} panel={() => 'panel-body'} tabs={tabs.filter((k) => may(k.needs))} />
            <div id="panel-body" role="tabpanel" class="panel-body" tabIndex={0} data-tab={tab.value}>
              {tab.value === 'people' && <People socket={socket} onBan={(seat) => (banning.value = seat)} />}
              {tab.value === 'rooms' && <Rooms socket={socket} />}
              {tab.value === 'material' && <Material socket={socket} token={linkToken(scope)} keys="page" />}
              {tab.value === 'polls' && <PollDesk socket={socket} />}
              {tab.value === 'chat' && (lead ? <ChatDesk socket={socket} onBan={(m) => (banning.value = m)} /> : <Chat socket={socket} />)}
              {tab.value === 'questions' && (lead ? <Queue actions={actions} narrow /> : <div class="more"><Chosen /><Approved /></div>)}
            </div>
            {tab.value === 'chat' && !lead && <ChatForm socket={socket} />}
          </section>
        </Lesson>
      </main>
      <Forms actions={actions} />
      {making.value && <PollForm socket={socket} />}
      {banning.value && (
        <BanForm socket={socket} target={banning.value} name={(l.people ?? []).find((p) => p.seat === banning.value)?.name ?? ''}
          onClose={() => (banning.value = '')} />
      )}
      <Toasts />
      {asking && <Leave socket={socket} onClose={() => setAsking(false)} onLeft={onLeft} />}
    </div>
  );
}

/** The trainer goes, or the class ends for everybody. */
function Leave({ socket, onClose, onLeft }: { socket: Socket; onClose: () => void; onLeft: () => void }) {
  const x = w.value;
  const [busy, setBusy] = useState(false);
  const phase = event.value?.phase;
  const end = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await socket.request('phase', { to: 'ended' });
    } catch (e) {
      toast('error', x.endFailed, sentence(e));
      onClose();
    }
  };
  return (
    <Dialog title={x.leaveAsk} onClose={onClose} testid="class-leave-dialog">
      <p>{x.leaveLead}</p>
      <div class="stack leave-ways">
        <button type="button" class="btn" onClick={onLeft} data-testid="leave-only">{x.leaveOnly}</button>
        {may('phase') && (phase === 'live' || phase === 'paused') && (
          <button type="button" class="btn danger" aria-disabled={busy} onClick={() => void end()} data-testid="leave-end">{x.leaveEnd}</button>
        )}
        <button type="button" class="btn quiet" autoFocus onClick={onClose}>{t.value.cancel}</button>
      </div>
    </Dialog>
  );
}

/** How many came since one last looked; n is the number of the newest. */
function useFresh(n: number, looking: boolean): number {
  const [seen, setSeen] = useState(n);
  useEffect(() => {
    if (looking) setSeen(n);
  }, [n, looking]);
  return looking ? 0 : n - Math.min(n, seen);
}

/** Says who is new in a list. */
function useNews(now: string[], say: (id: string) => string): void {
  const [known, setKnown] = useState(now);
  const key = now.join(' ');
  useEffect(() => {
    const fresh = now.filter((id) => !known.includes(id)).map(say).filter(Boolean);
    if (fresh.length > 0) announce(fresh.join('. '));
    setKnown(now);
  }, [key]);
}
