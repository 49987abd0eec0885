import type { ComponentChildren } from 'preact';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { Unplug } from 'lucide-preact';
import { announce, setTitle } from '../../a11y';
import type { PageProps } from '../../app';
import { sentence, t } from '../../i18n';
import { missing } from '../../media/pc';
import { Viewer } from '../../media/viewer';
import type { Socket } from '../../socket';
import { connection, event, may, polls, questions, you } from '../../store/state';
import { linkToken } from '../../token';
import { CutBanner } from '../../ui/cut';
import { later } from '../../ui/later';
import { Tabs } from '../../ui/parts';
import { ChatDesk } from '../chat/desk';
import { w as chatWords } from '../chat/words';
import { PollDesk } from '../polls/desk';
import { making, PollForm } from '../polls/form';
import { Gate, useStaffSocket, WrongPage } from '../staff/session';
import { toast, Toasts } from '../staff/toast';
import { Actions, banning } from './actions';
import { Announcement } from './announcement';
import { Audience } from './audience';
import { AlarmStrip, useAlarms, useDeeds } from './alarms';
import { Bar, type Opened } from './bar';
import { useKeys } from './keys';
import './queue.css';
import './desk.css';
import './wide.css';
import './rundown.css';
import { Forms } from './forms';
import { BanForm, Hands } from './hands';
import { Monitor } from './monitor';
import { Phases } from './phases';
import { Queue } from './queue';
import { Readiness } from './readiness';
import { Rundown } from './rundown';
import { Scene } from './scene';
import { useWide } from './wide';
import { w } from './words';

const Material = later(() => import('../material').then((m) => m.default));

/** The desk of operators and moderators: stage on the left, questions on the right. */
export default function Desk({ event: id, scope }: PageProps) {
  const socket = useStaffSocket(id, scope);
  if (!socket || !you.value || !event.value || connection.value === 'closed') return <Gate scope={scope} />;
  if (!may('desk')) return <WrongPage />;
  return <Open socket={socket} scope={scope} />;
}

type Part = 'queue' | 'chat' | 'polls' | 'stage';

function Open({ socket, scope }: { socket: Socket; scope: string }) {
  const actions = useMemo(() => new Actions(socket), [socket]);
  const media = useMemo(() => (missing(false) ? null : new Viewer(socket)), [socket]);
  const wide = useWide('(min-width: 1800px)');
  const narrow = useWide('(max-width: 900px)');
  const [opened, setOpened] = useState<Opened>('');
  const [part, setPart] = useState<Part>('queue');
  const panel = useId();
  const away = connection.value === 'reconnecting';
  const phase = event.value?.phase;
  const x = w.value;

  useEffect(() => {
    if (!media) return;
    media.setMuted(true); // two open microphones in one room would howl
    media.start();
    socket.onWelcome = (_, fresh) => {
      if (fresh || media.status.value === 'idle') media.start();
    };
    socket.onError = (e) => toast('error', x.failed, sentence(e));
    return () => media.close();
  }, [media, socket]);
  useEffect(() => {
    if (phase === 'ended') media?.pause();
  }, [phase, media]);

  const waiting = [...questions.value.values()].filter((q) => q.status === 'pending').length;
  const title = event.value?.title ?? '';
  useEffect(() => setTitle(`${waiting > 0 ? `(${waiting}) ` : ''}${x.title}`, title), [waiting, title, x]);

  useAlarms();
  useDeeds();
  useKeys(() => setOpened('keys'));

  const wasAway = useRef(false);
  useEffect(() => {
    if (away) announce(t.value.disconnected, true);
    else if (wasAway.current) announce(t.value.reconnected);
    wasAway.current = away;
  }, [away]);

  const ban = (message: string) => (banning.value = message);
  const open = [...polls.value.values()].filter((p) => p.status === 'open').length;
  const tabs: { key: Part; label: ComponentChildren; testid: string }[] = [
    { key: 'queue', label: <>{x.queue} {waiting > 0 && <span class="count some num">{waiting}</span>}</>, testid: 'part-queue' },
    { key: 'chat', label: chatWords.value.tab, testid: 'part-chat' },
    { key: 'polls', label: <>{x.polls} {open > 0 && <span class="count some num">{open}</span>}</>, testid: 'part-polls' },
  ];
  return (
    <div class={`desk ${wide ? 'wide' : ''}`} data-testid="desk">
      <a class="skip" href="#main">{t.value.skipToContent}</a>
      <Bar scope={scope} wide={wide} open={opened} setOpen={setOpened} />
      <AlarmStrip most={narrow ? 1 : 3} onOpen={() => setOpened('alarms')} />
      {away && (
        <div class="banner" role="status" data-testid="reconnecting">
          <Unplug size={20} aria-hidden="true" />
          <span>{t.value.disconnected}</span>
        </div>
      )}
      <CutBanner of="desk" />
      <main id="main" class="desk-body">
        {narrow && (
          <div class="desk-tabs">
            <Tabs label={x.pageName} value={part} onChange={setPart} panel={(k) => `${panel}-${k}`}
              tabs={[...tabs, { key: 'stage', label: x.stage, testid: 'part-stage' }]} />
          </div>
        )}
        <div id={`${panel}-stage`} class="desk-stage" hidden={narrow && part !== 'stage'}>
          <div class="desk-now">
            <Monitor media={media} socket={socket} />
            <Phases socket={socket} />
            <Rundown socket={socket} />
            <Announcement socket={socket} />
          </div>
          <div class="desk-floor">
            <Hands socket={socket} />
            <Scene socket={socket} />
            <Material socket={socket} token={linkToken(scope)} keys="panel" />
          </div>
        </div>
        <div id={`${panel}-queue`} class="desk-queue" hidden={narrow && part !== 'queue'}>
          {!narrow && <Tabs label={x.lists} value={part === 'stage' ? 'queue' : part} onChange={setPart} panel={(k) => `${panel}-${k}`} tabs={tabs} />}
          {(narrow || part === 'queue' || part === 'stage') && <Queue actions={actions} />}
          {!narrow && part === 'chat' && <div id={`${panel}-chat`} class="desk-chat"><ChatDesk socket={socket} onBan={ban} /></div>}
          {!narrow && part === 'polls' && <div id={`${panel}-polls`} class="desk-polls"><PollDesk socket={socket} /></div>}
        </div>
        {narrow && part === 'chat' && (
          <div id={`${panel}-chat`} class="desk-queue desk-chat"><ChatDesk socket={socket} onBan={ban} /></div>
        )}
        {narrow && part === 'polls' && (
          <div id={`${panel}-polls`} class="desk-queue desk-polls"><PollDesk socket={socket} /></div>
        )}
        {wide && (
          <aside class="desk-audience" aria-label={x.audience}>
            <h2>{x.audience}</h2>
            <Audience />
            <Readiness scope={scope} />
          </aside>
        )}
      </main>
      <Forms actions={actions} />
      {making.value && <PollForm socket={socket} />}
      {banning.value && <BanForm socket={socket} target={banning.value} name="" onClose={() => (banning.value = '')} />}
      <Toasts />
    </div>
  );
}
