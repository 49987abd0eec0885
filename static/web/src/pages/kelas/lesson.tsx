import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { MonitorUp, Pause, Users } from 'lucide-preact';
import { announce } from '../../a11y';
import { sentence, t } from '../../i18n';
import type { Choice } from '../../media/quality';
import type { Viewer } from '../../media/viewer';
import type { Socket } from '../../socket';
import { lesson } from '../../store/lesson';
import { event, may, stage, you } from '../../store/state';
import { Waves } from '../chat/reactions';
import { Studio } from '../stage/studio';
import { w as studioWords } from '../stage/words';
import { toast } from '../staff/toast';
import { Captions } from '../viewer/captions';
import { ShownQuestion } from '../viewer/shown';
import { w as viewerWords } from '../viewer/words';
import { Big, large, TapToHear } from './big';
import { Gallery } from './gallery';
import { Bar, Called, useMicWord } from './me';
import { RoomBar } from './roombar';
import './kelas.css';
import { w } from './words';

type LessonProps = { socket: Socket; media: Viewer; choice: Choice; onLeave: () => void; children: ComponentChildren };

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
      if (n === 'screen-refused') toast('info', w.value.shareOver);
      else if (n === 'air-refused') toast('info', e ? sentence(e) : w.value.notLive);
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
  useWords();
  const before = useRef(false);
  useEffect(() => {
    if (silenced && !before.current) toast('info', w.value.quieted);
    before.current = silenced;
  }, [silenced]);
  const l = lesson.value;
  const big = large(studio);
  const own = studio?.camera.value?.source.value ?? '';
  const faces = l.sources.filter((id) => id !== own && id !== l.main && id !== l.second && stage.value.sources.some((s) => s.id === id && s.kind === 'camera'));
  const sharing = studio?.screen.value?.source.value === l.main && l.main !== '';
  useEffect(() => {
    if (l.here) announce(w.value.roomBegin(Number(l.here.slice(1))));
  }, []);
  return (
    <>
      <section class={`kelas-stage dark ${big ? 'has-big' : ''}`} aria-label={w.value.class} data-testid="class" data-room={l.here}>
        <RoomBar socket={socket} />
        <Called socket={socket} studio={studio} />
        <div class="kelas-pics">
          {big && <Big media={media} choice={choice} big={big} />}
          {sharing && <p class="sharing" role="status" data-testid="sharing"><MonitorUp size={18} aria-hidden="true" />{w.value.sharing}</p>}
          {event.value?.phase === 'paused'
            ? <Note icon={<Pause size={36} aria-hidden="true" />} title={t.value.standBy} text={viewerWords.value.pauseHint} />
            : <Gallery media={media} socket={socket} studio={studio} big={big} />}
          {!big && faces.length === 0 && !own && event.value?.phase !== 'paused' && (
            <Note icon={<Users size={36} aria-hidden="true" />} title={w.value.emptyTitle}
              text={event.value?.phase === 'scheduled' ? w.value.waiting : l.here ? w.value.emptyRoom : w.value.emptyText} />
          )}
          <Captions />
          {!may('react') && <Waves />}
          <TapToHear media={media} />
        </div>
        <ShownQuestion />
        <Bar socket={socket} media={media} choice={choice} studio={studio} open={open} onLeave={onLeave} />
      </section>
      {children}
    </>
  );
}

/** Tells screen readers what the page shows: who is large, and what the trainer allows. */
function useWords(): void {
  const l = lesson.value;
  const main = l.main ? stage.value.sources.find((s) => s.id === l.main) : undefined;
  const shown = useRef(l.main);
  useEffect(() => {
    if (l.main !== shown.current && main) announce(main.kind === 'screen' ? w.value.screenOf(main.label) : w.value.largeNow(main.label));
    if (l.main === '' || main) shown.current = l.main;
  }, [l.main, main !== undefined]);
  const known = useRef({ lock: l.lock, share: l.mayShare });
  useEffect(() => {
    if (may('class.speak')) {
      if (l.lock !== known.current.lock) announce(l.lock ? w.value.lockedNow : w.value.unlockedNow);
      if (l.mayShare !== known.current.share) announce(l.mayShare ? w.value.shareNow : w.value.shareGone);
    }
    known.current = { lock: l.lock, share: l.mayShare };
  }, [l.lock, l.mayShare]);
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
