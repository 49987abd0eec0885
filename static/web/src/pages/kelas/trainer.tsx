import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { setTitle } from '../../a11y';
import { missing } from '../../media/pc';
import { Choice } from '../../media/quality';
import { Viewer } from '../../media/viewer';
import type { Socket } from '../../socket';
import { lesson } from '../../store/lesson';
import { event } from '../../store/state';
import { Notice, Tabs } from '../../ui/parts';
import { keepAwake } from '../../wake';
import { Confirm } from '../staff/confirm';
import { Toasts } from '../staff/toast';
import { Approved, Chosen } from '../stage/questions';
import { w as studioWords } from '../stage/words';
import { NoticeBar } from '../viewer/agenda';
import { Bar, Connection } from '../viewer/stage';
import '../viewer/viewer.css';
import '../viewer/quality.css';
import '../viewer/layout.css';
import Lesson from './lesson';
import { People } from './people';
import { Rooms } from './rooms';
import { w } from './words';

type Tab = 'people' | 'rooms' | 'more';

/** The trainer's page of a class: the same room as everybody's, and the tools beside it. */
export default function Trainer({ socket }: { socket: Socket }) {
  const choice = useMemo(() => new Choice(), []);
  const media = useMemo(() => (missing(false) ? null : new Viewer(socket, choice.pin)), [socket, choice]);
  const tab = useSignal<Tab>('people');
  const [asking, setAsking] = useState(false);
  const x = w.value;
  const l = lesson.value;
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
  if (!media) return <Notice title={studioWords.value.webrtcTitle}><p>{studioWords.value.webrtcText}</p></Notice>;
  const raised = (l.people ?? []).filter((p) => p.hand > 0).length;
  const calls = l.rooms.filter((r) => r.help).length;
  return (
    <div class="viewer kelas" data-testid="trainer-page">
      <a class="skip" href="#panel">{x.trainer}</a>
      <Bar />
      <Connection media={media} />
      <NoticeBar />
      <main id="main" class="kelas-hall">
        <Lesson socket={socket} media={media} choice={choice} onLeave={() => setAsking(true)}>
          <section id="panel" class="panel" tabIndex={-1} aria-label={x.trainer}>
            <Tabs<Tab> label={x.trainer} value={tab.value} onChange={(k) => (tab.value = k)} panel={() => 'panel-body'} tabs={[
              {
                key: 'people', testid: 'tab-people',
                label: <>{x.tabPeople} <span class="num">{l.people?.length ?? 0}</span>{raised > 0 && <span class="badge gold">{raised}</span>}</>,
              },
              { key: 'rooms', testid: 'tab-rooms', label: <>{x.tabRooms}{calls > 0 && <span class="badge red">{calls}</span>}</> },
              { key: 'more', testid: 'tab-more', label: x.tabMore },
            ]} />
            <div id="panel-body" role="tabpanel" class="panel-body" tabIndex={0}>
              {tab.value === 'people' && <People socket={socket} />}
              {tab.value === 'rooms' && <Rooms socket={socket} />}
              {tab.value === 'more' && <div class="more"><Chosen /><Approved /></div>}
            </div>
          </section>
        </Lesson>
      </main>
      <Toasts />
      {asking && (
        <Confirm title={studioWords.value.leaveAsk} text={x.offLead} button={studioWords.value.leave} testid="leave-confirm" onClose={() => setAsking(false)}
          onYes={() => location.assign('/')} />
      )}
    </div>
  );
}
