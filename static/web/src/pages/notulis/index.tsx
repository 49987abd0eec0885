import { useEffect, useMemo } from 'preact/hooks';
import { Download } from 'lucide-preact';
import { setTitle } from '../../a11y';
import { download } from '../../api';
import type { PageProps } from '../../app';
import { sentence, t } from '../../i18n';
import { missing } from '../../media/pc';
import { Viewer } from '../../media/viewer';
import type { Socket } from '../../socket';
import { connection, event, may, you } from '../../store/state';
import { linkToken } from '../../token';
import { Masthead } from '../../ui/parts';
import { Monitor } from '../desk/monitor';
import { Gate, useStaffSocket, WrongPage } from '../staff/session';
import { toast, Toasts } from '../staff/toast';
import { CaptionDesk } from './captions';
import { Notes } from './notes';
import '../desk/desk.css';
import './notulis.css';
import { w } from './words';

/** The minute-taker's page: the stage, captions to type, and the minutes. */
export default function Notulis({ event: id, scope }: PageProps) {
  const socket = useStaffSocket(id, scope);
  if (!socket || !you.value || !event.value || connection.value === 'closed') return <Gate scope={scope} />;
  if (!may('note.put')) return <WrongPage />;
  return <Open socket={socket} id={id} scope={scope} />;
}

function Open({ socket, id, scope }: { socket: Socket; id: string; scope: string }) {
  const media = useMemo(() => (missing(false) ? null : new Viewer(socket)), [socket]);
  const x = w.value;
  const title = event.value?.title ?? '';
  useEffect(() => {
    if (!media) return;
    media.start();
    socket.onWelcome = (_, fresh) => {
      if (fresh || media.status.value === 'idle') media.start();
    };
    return () => media.close();
  }, [media, socket]);
  useEffect(() => {
    if (event.value?.phase === 'ended') media?.pause();
  }, [event.value?.phase, media]);
  useEffect(() => setTitle(x.title, title), [x, title]);
  const get = (file: string, name: string) =>
    void download(`/api/events/${encodeURIComponent(id)}/${file}`, linkToken(scope), name).catch((e: unknown) => toast('error', x.failed, sentence(e)));
  return (
    <>
      <Masthead home={false} />
      {connection.value === 'reconnecting' && <p class="banner" role="status">{t.value.disconnected}</p>}
      <main id="main" class="page notulis" data-testid="notulis">
        <div>
          <h1>{x.title}</h1>
          <p class="muted">{title}</p>
        </div>
        <div class="note-cols">
          <div class="stack">
            <Monitor media={media} socket={socket} />
            <CaptionDesk socket={socket} />
          </div>
          <Notes socket={socket} />
        </div>
        <p class="row">
          <button type="button" class="btn quiet" onClick={() => get('captions.vtt', `takarir-${id}.vtt`)} data-testid="captions-file"><Download size={18} aria-hidden="true" />{x.download}</button>
          <button type="button" class="btn" onClick={() => get('notulen.docx', `notulen-${id}.docx`)} data-testid="minutes-file"><Download size={18} aria-hidden="true" />{x.minutesFile}</button>
          <button type="button" class="btn quiet" onClick={() => get('notulen.txt', `notulen-${id}.txt`)} data-testid="notes-file"><Download size={18} aria-hidden="true" />{x.notesFile}</button>
        </p>
      </main>
      <Toasts />
    </>
  );
}
