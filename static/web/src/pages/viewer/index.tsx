import { useEffect, useState } from 'preact/hooks';
import { LogOut, MonitorSmartphone, PlugZap } from 'lucide-preact';
import { announce, setTitle } from '../../a11y';
import { t } from '../../i18n';
import { useWatching } from '../../media/watching';
import { connection, event as eventNow, goodbye, rev, talk } from '../../store/state';
import { setWireSession } from '../../token';
import { keepAwake } from '../../wake';
import { Masthead, Notice } from '../../ui/parts';
import { NoticeBar } from './agenda';
import { later } from '../../ui/later';
import { Check } from './check';
import { Ended } from './ended';
import { HandNews, Invited } from './hand';
import { Panel } from './panel';
import { PresenceChip } from './presence';
import type { ViewerPage } from './props';
import { Bar, Connection, Stage } from './stage';
import { checking } from './turn';
import './viewer.css';
import './quality.css';
import './layout.css';
import { w } from './words';

const Lesson = later(() => import('../kelas/participant').then((m) => m.default));
const Reactions = later(() => import('../chat/reactions').then((m) => m.Reactions));

/** The page of participants and guests: stage, Q&A and one's own attendance. */
const ViewerPage_: ViewerPage = ({ event, scope, token, onLeave }) => {
  const [run, setRun] = useState(0); // counts up when the person takes the session back from another device
  const { socket, choice, media } = useWatching(event, token, scope, run);

  const e = eventNow.value;
  const bye = goodbye.value;
  const phase = e?.phase;
  const over = phase === 'ended' || bye?.reason === 'ended';
  useEffect(() => setTitle(phase === 'live' ? `● ${e?.title ?? ''}` : (e?.title ?? '')), [e, phase]);
  useEffect(() => {
    if (over) media?.close();
  }, [over, media]);
  useEffect(() => (phase === 'live' ? keepAwake() : undefined), [phase]);
  useEffect(() => {
    if (connection.value === 'reconnecting') announce(t.value.disconnected);
  }, [connection.value]);

  const leave = () => {
    if (confirm(w.value.leaveAsk)) onLeave('left');
  };
  useEffect(() => {
    // withdrawn or expired: the link may still be good for another session
    if (bye && (bye.reason === 'revoked' || bye.reason.startsWith('token_'))) onLeave('expired');
  }, [bye]);

  if (over) return <Ended event={event} token={token} />;
  if (bye) {
    const replaced = bye.reason === 'replaced';
    const again = () => {
      setWireSession(scope, '');
      rev.value = 0;
      goodbye.value = null;
      setRun(run + 1);
    };
    return (
      <>
        <Masthead />
        <Notice title={replaced ? t.value.usedElsewhere : bye.message || w.value.closedLead} testid="goodbye"
          icon={replaced
            ? <MonitorSmartphone size={44} aria-hidden="true" />
            : <PlugZap size={44} aria-hidden="true" />}>
          {replaced && <p>{w.value.replacedLead}</p>}
          <p class="row">
            {bye.reason !== 'banned' && (
              <button type="button" class="btn" onClick={replaced ? again : () => location.reload()}>
                {replaced ? w.value.useHere : t.value.reload}
              </button>
            )}
            <button type="button" class="btn quiet" onClick={() => onLeave('left')}>
              <LogOut size={18} aria-hidden="true" />
              {t.value.leaveEvent}
            </button>
          </p>
        </Notice>
      </>
    );
  }
  if (e?.kind === 'class' && media) {
    return <Lesson socket={socket} media={media} choice={choice} event={event} token={token} onLeave={leave} />;
  }
  return (
    <div class="viewer">
      <a class="skip" href="#panel">{w.value.tabQA}</a>
      <Bar />
      <Connection media={media} />
      <NoticeBar />
      <main id="main" class={`hall ${checking.value ? 'checking' : ''}`}>
        <Stage media={media} socket={socket} choice={choice} />
        <div class="aside">
          <PresenceChip />
          <HandNews />
          <Invited socket={socket} />
          {talk.value.reactions && phase === 'live' && <Reactions socket={socket} />}
        </div>
        <Panel socket={socket} event={event} token={token} onLeave={leave} />
      </main>
      <Check socket={socket} />
    </div>
  );
};
export default ViewerPage_;
