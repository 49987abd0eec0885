import { t } from '../../i18n';
import type { Choice } from '../../media/quality';
import type { Viewer } from '../../media/viewer';
import type { Socket } from '../../socket';
import { NoticeBar } from '../viewer/agenda';
import { Check } from '../viewer/check';
import { HandNews } from '../viewer/hand';
import { Panel } from '../viewer/panel';
import { PresenceChip } from '../viewer/presence';
import { Bar, Connection } from '../viewer/stage';
import { event, talk } from '../../store/state';
import { Reactions } from '../chat/reactions';
import { Toasts } from '../staff/toast';
import Lesson from './lesson';

/** A participant's page of a class. */
export default function Participant(p: { socket: Socket; media: Viewer; choice: Choice; event: string; token: string; onLeave: () => void }) {
  return (
    <div class="viewer kelas" data-testid="class-page">
      <a class="skip" href="#panel">{t.value.skipToContent}</a>
      <Bar />
      <Connection media={p.media} />
      <NoticeBar />
      <main id="main" class="kelas-hall">
        <Lesson socket={p.socket} media={p.media} choice={p.choice} onLeave={p.onLeave}>
          <div class="aside">
            <PresenceChip />
            <HandNews />
            {talk.value.reactions && event.value?.phase === 'live' && <Reactions socket={p.socket} />}
          </div>
          <Panel socket={p.socket} event={p.event} token={p.token} onLeave={p.onLeave} />
        </Lesson>
      </main>
      <Check socket={p.socket} />
      <Toasts />
    </div>
  );
}
