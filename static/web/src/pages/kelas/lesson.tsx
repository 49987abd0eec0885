import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Pause, Users } from 'lucide-preact';
import { announce } from '../../a11y';
import { sentence, t } from '../../i18n';
import type { Choice } from '../../media/quality';
import type { Viewer } from '../../media/viewer';
import type { Socket } from '../../socket';
import { lesson } from '../../store/lesson';
import { event, may, stage, you } from '../../store/state';
import { Studio } from '../stage/studio';
import { w as studioWords } from '../stage/words';
import { toast } from '../staff/toast';
import { w as viewerWords } from '../viewer/words';
import { Big, TapToHear } from './big';
import { Gallery } from './gallery';
import { Bar, Called, useMicWord } from './me';
import { RoomBar } from './roombar';
import './kelas.css';
import { w } from './words';

export type LessonProps = { socket: Socket; media: Viewer; choice: Choice; onLeave: () => void; children: ComponentChildren };

/** A class as one of its people has it: faces, the shared screen, the own devices, and beside it what children are. */
export default function Lesson({ socket, media, choice, onLeave, children }: LessonProps) {
  const [studio, setStudio] = useState<Studio | null>(null);
  const made = useRef<Studio | null>(null);
  useEffect(() => () => void made.current?.end(), [socket]);
  const open = () => {
    if (made.current) {
      if (made.current.off.peek()) void made.current.open();
      return made.current;
    }
    const s = new Studio(socket, 'camera', () => you.peek()?.name ?? '', (n, e) => {
      const x = studioWords.value;
      if (n === 'air-refused' || n === 'screen-refused') toast('info', e ? sentence(e) : w.value.notLive);
      else if (n === 'screen-ended') toast('info', x.shareEnded);
      else if (n === 'camera-lost') toast('error', x.deviceLost, x.deviceLostCamera);
      else if (n === 'mic-lost') toast('error', x.deviceLost, x.deviceLostMic);
      else if (n === 'device-failed') toast('error', x.deviceFailed, x.otherText);
    }, !may('rooms.make'));
    made.current = s;
    setStudio(s);
    return s;
  };
  useMicWord(socket, studio);
  const silenced = studio?.held.value.sound === true;
  const before = useRef(false);
  useEffect(() => {
    if (silenced && !before.current) toast('info', w.value.quieted);
    before.current = silenced;
  }, [silenced]);
  // Whose right to share ends while sharing: the server has taken the screen off, the page lets it go.
  const l = lesson.value;
  const large = Boolean(l.main || l.second || l.interpreter);
  const own = studio?.camera.value?.source.value ?? '';
  const faces = l.sources.filter((id) => id !== own && id !== l.main && id !== l.second && stage.value.sources.some((s) => s.id === id && s.kind === 'camera'));
  const onlyMine = large && [studio?.camera.value?.source.value, studio?.screen.value?.source.value].includes(l.main) && !l.second;
  useEffect(() => {
    if (l.here) announce(w.value.roomBegin(Number(l.here.slice(1))));
  }, []);
  return (
    <>
      <section class={`kelas-stage dark ${large && !onlyMine ? 'has-big' : ''}`} aria-label={w.value.class} data-testid="class" data-room={l.here}>
        <RoomBar socket={socket} />
        <Called socket={socket} studio={studio} />
        <div class="kelas-pics">
          <Big media={media} studio={studio} />
          {event.value?.phase === 'paused'
            ? <Note icon={<Pause size={36} aria-hidden="true" />} title={t.value.standBy} text={viewerWords.value.pauseHint} />
            : <Gallery media={media} socket={socket} studio={studio} />}
          {(!large || onlyMine) && faces.length === 0 && !own && event.value?.phase !== 'paused' && (
            <Note icon={<Users size={36} aria-hidden="true" />} title={w.value.emptyTitle}
              text={event.value?.phase === 'scheduled' ? w.value.waiting : l.here ? w.value.emptyRoom : w.value.emptyText} />
          )}
          <TapToHear media={media} />
        </div>
        <Bar socket={socket} media={media} choice={choice} studio={studio} open={open} onLeave={onLeave} />
      </section>
      {children}
    </>
  );
}

function Note(p: { icon: preact.JSX.Element; title: string; text: string }) {
  return (
    <div class="empty" role="status" data-testid="class-empty">
      {p.icon}
      <p class="title">{p.title}</p>
      <p class="muted">{p.text}</p>
    </div>
  );
}
