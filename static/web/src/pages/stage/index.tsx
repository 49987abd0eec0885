import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { CircleCheckBig, Ear, Megaphone, MicOff, Music, Pause, Unplug } from 'lucide-preact';
import { announce, setTitle } from '../../a11y';
import type { PageProps } from '../../app';
import { lang, sentence, t } from '../../i18n';
import { missing } from '../../media/pc';
import { Viewer } from '../../media/viewer';
import type { Refusal } from '../../refusal';
import type { Socket } from '../../socket';
import { agenda, chat, connection, counts, cueNow, event, goodbye, may, notice, talk, you } from '../../store/state';
import { formatNumber } from '../../time';
import { linkToken } from '../../token';
import { later } from '../../ui/later';
import { LangSwitch, Mark, Masthead, Notice } from '../../ui/parts';
import { keepAwake } from '../../wake';
import { Clock, Elapsed, PhaseBadge } from '../staff/phase';
import { Gate, useStaffSocket, WrongPage } from '../staff/session';
import { toast, Toasts } from '../staff/toast';
import { Air } from './air';
import { Check } from './check';
import { Lookout } from './lookout';
import { Approved, Chosen } from './questions';
import './stage.css';
import { Studio, type News } from './studio';
import { w } from './words';

const Material = later(() => import('../material').then((m) => m.default));
const Talk = later(() => import('./talk').then((m) => m.Talk));
const Trainer = later(() => import('../kelas/trainer').then((m) => m.default));
const ClassGoodbye = later(() => import('../kelas/goodbye').then((m) => m.Goodbye));

/** The page of who stands on the stage: speakers, moderators with a camera, sign interpreters. */
export default function StagePage({ event: id, scope }: PageProps) {
  const socket = useStaffSocket(id, scope);
  const ended = event.value?.phase === 'ended' || goodbye.value?.reason === 'ended';
  const [left, setLeft] = useState(false);
  useEffect(() => {
    if (left) socket?.stop();
  }, [left, socket]);
  if (socket && (ended || left) && event.value?.kind === 'class') return <ClassGoodbye ended={ended} />;
  if (socket && ended) return <Over />;
  if (!socket || !you.value || !event.value || connection.value === 'closed') return <Gate scope={scope} />;
  if (!may('backstage')) return <WrongPage />;
  if (event.value.kind === 'class' && you.value.role !== 'interpreter') return <Trainer socket={socket} scope={scope} onLeft={() => setLeft(true)} />;
  return <Open socket={socket} scope={scope} />;
}

function Open({ socket, scope }: { socket: Socket; scope: string }) {
  const sign = you.peek()?.role === 'interpreter';
  const studio = useMemo(
    () => new Studio(socket, sign ? 'interpreter' : 'camera', () => you.peek()?.name ?? '', tell),
    [socket],
  );
  const media = useMemo(() => (missing(false) ? null : new Viewer(socket)), [socket]);
  const x = w.value;
  const away = connection.value === 'reconnecting';
  const on = studio.where.value !== 'check';
  const phase = event.value?.phase;
  const mediaLive = studio.camera.value?.status.value === 'live';

  useEffect(() => {
    socket.onWelcome = (_, fresh) => {
      if (fresh && media && media.status.value !== 'idle') media.start();
    };
    return () => {
      void studio.end();
      media?.close();
    };
  }, [socket, studio, media]);

  useEffect(() => {
    if (!on) return;
    const ask = (e: BeforeUnloadEvent) => {
      e.preventDefault();
      e.returnValue = ''; // Chrome before 119 asks only then
    };
    addEventListener('beforeunload', ask);
    const sleepy = keepAwake();
    return () => {
      removeEventListener('beforeunload', ask);
      sleepy();
    };
  }, [on]);

  // The rundown asks for sound as it is while we stand on the stage, and for speech again afterwards.
  const music = agenda.value.music && studio.where.value === 'air' && !studio.behind.value;
  const asked = useRef(false);
  useEffect(() => {
    if (music === asked.current || studio.sound.peek() === null) return;
    asked.current = music;
    void studio.setMusic(music);
    announce(music ? w.value.musicOn : w.value.musicOff);
  }, [music, studio]);

  const title = event.value?.title ?? '';
  useEffect(() => setTitle(`${on ? '● ' : ''}${sign ? x.titleSign : x.title}`, title), [on, title, x]);
  const wasAway = useRef(false);
  useEffect(() => {
    if (away) announce(t.value.disconnected, true);
    else if (wasAway.current) announce(t.value.reconnected);
    wasAway.current = away;
  }, [away]);

  const quiet = on && !sign && !studio.micOn.value;
  return (
    <div class="studio dark" data-testid="stage-page" data-where={studio.where.value}>
      <a class="skip" href="#main">{t.value.skipToContent}</a>
      <Bar on={on} sign={sign} />
      {away && (
        <div class="banner" role="status" data-testid="reconnecting">
          <Unplug size={20} aria-hidden="true" />
          <span>{x.socketAway} {on && mediaLive && x.socketAwayOnAir}</span>
        </div>
      )}
      {on && phase === 'paused' && (
        <div class="banner" role="status" data-testid="paused-banner">
          <Pause size={20} aria-hidden="true" /><span>{x.pausedBanner}</span>
        </div>
      )}
      {music && (
        <div class="banner good" role="status" data-testid="music-banner">
          <Music size={20} aria-hidden="true" /><span>{x.musicOn}</span>
        </div>
      )}
      {notice.value.text && (
        <div class="banner" role="status" data-testid="notice">
          <Megaphone size={20} aria-hidden="true" /><span>{notice.value.text}</span>
        </div>
      )}
      {quiet && (
        <div class="banner error" role="status" data-testid="mic-off-banner">
          <MicOff size={20} aria-hidden="true" /><span>{studio.held.value.sound ? x.micHeldBanner : x.micOffBanner}</span>
        </div>
      )}
      <main id="main" class="studio-body">
        <div class="studio-left">
          {studio.where.value === 'air' ? <Air studio={studio} /> : <Check studio={studio} />}
          <Lookout studio={studio} media={media} />
        </div>
        <div class="studio-right">
          <Chosen />
          {may('page') && <Material socket={socket} token={linkToken(scope)} keys="page" />}
          <Approved />
          {(talk.value.chat || chat.value.size > 0) && <Talk socket={socket} />}
        </div>
      </main>
      <Toasts />
    </div>
  );
}

function Bar({ on, sign }: { on: boolean; sign: boolean }) {
  const e = event.value;
  const x = w.value;
  const n = counts.value.hearing;
  const many = formatNumber(n, lang.value);
  const heard = sign
    ? n > 0 ? x.hearingSign(many) : x.hearingNoneSign
    : n > 0 ? x.hearing(many) : x.hearingNone;
  return (
    <header class="studio-bar">
      <span class="brand" aria-hidden="true"><Mark size={26} /></span>
      <div class="what">
        <h1 title={e?.title}>{e?.title}</h1>
        <div class="row">
          {e && <PhaseBadge phase={e.phase} />}
          {e && <Elapsed event={e} />}
          <Clock />
          {cueNow.value && <strong data-testid="cue-now">{cueNow.value.title}</strong>}
        </div>
      </div>
      {on && (
        <p class={`hearing ${n > 0 ? '' : 'none'}`} data-testid="hearing" data-n={n}>
          <Ear size={22} aria-hidden="true" />
          {heard}
        </p>
      )}
      <LangSwitch />
    </header>
  );
}

function Over() {
  return (
    <>
      <Masthead home={false} />
      <Notice testid="event-ended" icon={<CircleCheckBig size={40} aria-hidden="true" />} title={w.value.endedTitle}>
        <p>{w.value.endedText}</p>
      </Notice>
    </>
  );
}

function tell(n: News, e?: Refusal | null): void {
  const x = w.value;
  const why = e ? sentence(e) : '';
  if (n === 'device-failed') toast('error', x.deviceFailed, x.otherText);
  else if (n === 'camera-lost') toast('error', x.deviceLost, x.deviceLostCamera);
  else if (n === 'mic-lost') toast('error', x.deviceLost, x.deviceLostMic);
  else if (n === 'sound-released') toast('info', x.micReleased);
  else if (n === 'picture-released') toast('info', x.camReleased);
  else if (n === 'screen-ended') toast('info', x.shareEnded);
  else if (n === 'screen-refused') toast('info', x.screenRemoved, why);
  else toast('error', x.leftNote, why);
}
