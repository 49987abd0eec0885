import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { LogOut } from 'lucide-preact';
import { lang, t } from '../../i18n';
import { at } from '../../node';
import type { Socket } from '../../socket';
import { announce } from '../../a11y';
import { captions, chat, decks, event, may, mine, polls, talk, unanswered, you } from '../../store/state';
import { formatDate, formatDuration, formatSpan } from '../../time';
import { later } from '../../ui/later';
import { Tabs } from '../../ui/parts';
import { MineLink } from './minelink';
import { AgendaList } from './agenda';
import { AskForm, MineList, QuestionList } from './qa';
import { w } from './words';

const PollList = later(() => import('../polls/list').then((m) => m.PollList));

const CaptionsFile = later(() => import('./captionsfile').then((m) => m.CaptionsFile));
const Chat = later(() => import('../chat/list').then((m) => m.Chat));
const ChatForm = later(() => import('../chat/list').then((m) => m.ChatForm));

type Tab = 'qa' | 'chat' | 'polls' | 'mine' | 'event';

/** Beside the stage, or below it on a phone: Q&A, polls, one's own questions, the event. */
export function Panel(p: { socket: Socket; event: string; token: string; onLeave: () => void }) {
  const { socket, onLeave } = p;
  const tab = useSignal<Tab>('qa');
  const x = w.value;
  const own = mine.value.questions.length;
  const open = may('poll.answer') ? unanswered.value.length : 0;
  const before = useRef(0);
  useEffect(() => {
    if (open > before.current) {
      // What the moderator asks of everybody now comes before the list, but not before what somebody is typing.
      if (!(document.activeElement instanceof HTMLTextAreaElement)) tab.value = 'polls';
      announce(w.value.newPoll);
    }
    before.current = open;
  }, [open, tab]);
  return (
    <section id="panel" class="panel" tabIndex={-1} aria-label={x.tabQA}>
      <Tabs<Tab> label={x.tabQA} value={tab.value} onChange={(k) => (tab.value = k)} panel={() => 'panel-body'}
        tabs={[
          { key: 'qa', label: x.tabQA, testid: 'tab-qa' },
          ...(talk.value.chat || chat.value.size > 0 ? [{ key: 'chat' as const, label: x.tabChat, testid: 'tab-chat' }] : []),
          ...(polls.value.size > 0 ? [{
            key: 'polls' as const,
            label: <>{x.tabPolls}{open > 0 && <span class="badge gold">{open}</span>}</>,
            testid: 'tab-polls',
          }] : []),
          {
            key: 'mine',
            label: <>{x.tabMine}{own > 0 && <span class="badge">{own}</span>}</>,
            testid: 'tab-mine',
          },
          { key: 'event', label: x.tabEvent, testid: 'tab-event' },
        ]} />
      <div id="panel-body" role="tabpanel" class="panel-body" tabIndex={0}>
        {tab.value === 'qa' && <QuestionList socket={socket} />}
        {tab.value === 'chat' && <Chat socket={socket} />}
        {tab.value === 'polls' && <PollList socket={socket} />}
        {tab.value === 'mine' && <MineList />}
        {tab.value === 'event' && <About event={p.event} token={p.token} onLeave={onLeave} />}
      </div>
      {tab.value === 'chat' && <ChatForm socket={socket} />}
      {(tab.value === 'qa' || tab.value === 'mine') && <AskForm socket={socket} onSent={() => (tab.value = 'mine')} />}
    </section>
  );
}

function About({ event: id, token, onLeave }: { event: string; token: string; onLeave: () => void }) {
  const e = event.value;
  const me = you.value;
  const p = mine.value.presence;
  const l = lang.value;
  const x = w.value;
  if (!e) return null;
  return (
    <div class="about stack">
      <div>
        <h2>{e.title}</h2>
        <p>{e.speaker}</p>
      </div>
      <p class="muted">
        {formatDate(e.startsAt, l)} · {formatSpan(e.startsAt, e.endsAt, l)}
        {e.place && <><br />{e.place}</>}
        {e.host && <><br />{e.host}</>}
        <br />{t.value.requirement(e.jp, e.threshold)}
      </p>
      <AgendaList />
      <Files />
      {captions.value.length > 0 && <CaptionsFile event={id} token={token} />}
      {p && (
        <div>
          <h3>{x.presenceTitle}</h3>
          <p class="num">{x.presenceOf(formatDuration(p.seconds, l), formatDuration(p.live, l))}</p>
          <div class={`bar threshold${p.meets ? '' : ' gold'}`} aria-hidden="true">
            <span style={{ width: `${p.percent}%` }} />
            <i style={{ left: `${e.threshold}%` }} />
          </div>
          <p>
            <span class={`badge ${p.meets ? '' : 'gold'}`}>{p.meets ? t.value.meets : t.value.meetsNot}</span>
          </p>
          <p class="small muted">{x.presenceNote}</p>
          {me?.role === 'participant' && <p><MineLink event={id} token={token} /></p>}
          {p.checksAnswered + p.checksMissed + p.checksExcused > 0 && (
            <p class="small muted" data-testid="my-checks">{x.checksOf(p.checksAnswered, p.checksMissed, p.checksExcused)}</p>
          )}
        </div>
      )}
      {me && (
        <div>
          <h3>{x.joinedAs}</h3>
          <p>{me.name || (me.role === 'guest' ? t.value.guest : '')}</p>
          {me.nip && <p class="num">{me.nip}</p>}
          <p class="muted">{x.fromUnit(me.unit, me.region)}</p>
        </div>
      )}
      <button type="button" class="btn quiet" onClick={onLeave} data-testid="leave">
        <LogOut size={18} aria-hidden="true" />
        {t.value.leaveEvent}
      </button>
    </div>
  );
}

/** The files that presenters let everyone have. */
function Files() {
  const shared = decks.value.filter((d) => d.shared);
  if (shared.length === 0) return null;
  return (
    <div data-testid="files">
      <h3>{w.value.files}</h3>
      <ul class="files">
        {shared.map((d) => <li key={d.id}><a href={at(`/m/${d.token}/file`)} download>{d.title}</a> <span class="muted small">{w.value.fileSize(d.bytes)}</span></li>)}
      </ul>
    </div>
  );
}
