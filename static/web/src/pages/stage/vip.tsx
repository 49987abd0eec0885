import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { DoorOpen, LogOut, MonitorSmartphone, Settings2, TriangleAlert } from 'lucide-preact';
import { announce, focusOn, setTitle } from '../../a11y';
import { sentence, t } from '../../i18n';
import { Refusal } from '../../refusal';
import type { Socket } from '../../socket';
import { connection, event, notice, shown, stage, you } from '../../store/state';
import { formatElapsed, second } from '../../time';
import { linkToken, peek } from '../../token';
import { Dialog, LangSwitch, Mark } from '../../ui/parts';
import { Confirm } from '../staff/confirm';
import { CopyButton } from '../staff/copy';
import { PhaseBadge } from '../staff/phase';
import { toast, Toasts } from '../staff/toast';
import { CamButton, MicButton, NotReady, Preview } from './check';
import { Lookout } from './lookout';
import { tell, useOnAir } from './onair';
import { Meter, Pickers } from './pickers';
import { Chosen } from './questions';
import { useRoom } from './room';
import type { News, Studio } from './studio';
import './vip.css';
import { w } from './vipwords';

/**
 * The stage for an official: one picture, one button, and then waiting until the operator brings them on. At ?ruang it is a device in
 * a hall, with nobody to press anything: it comes by itself, behind the stage, and again after whatever happened.
 */
export function Vip({ socket, scope }: { socket: Socket; scope: string }) {
  const room = new URLSearchParams(location.search).has('ruang');
  const [off, setOff] = useState<'' | 'replaced' | 'removed'>(''); // why we are no longer there
  const heed = (n: News, e?: Refusal | null) => {
    if (n === 'air-refused' && (e?.code === 'source_replaced' || e?.code === 'source_removed')) {
      const why = e.code === 'source_replaced' ? 'replaced' : 'removed';
      setOff(why);
      announce(why === 'removed' ? w.value.removed : room ? w.value.roomOut : w.value.replaced, true);
    } else if (!room || (n !== 'sound-released' && n !== 'picture-released')) tell(n, e);
  };
  const { studio, media, on } = useOnAir(socket, 'camera', heed, !room);
  const x = w.value;
  const air = studio.where.value === 'air';
  const link = linkToken(scope);
  const mine = peek(link).id;
  const own = studio.camera.value?.source.value ?? '';
  const elsewhere = stage.value.sources.find((s) => s.owner === mine && s.kind === 'camera' && s.id !== own);
  const company = stage.value.sources.some((s) => s.id !== own && (s.behind === true) === studio.behind.value);
  const [trying, setTrying] = useState(false);
  // Who is on air on another device stays so on this one; all others wait behind the stage first.
  const enter = async () => {
    if (studio.where.peek() !== 'check' || !studio.ready.peek()) return;
    setOff('');
    setTrying(true);
    try {
      await studio.goLive(!elsewhere || elsewhere.behind === true);
    } catch (e) {
      if (!room) toast('error', x.enterFailed, sentence(e));
    } finally {
      setTrying(false);
    }
  };
  useRoom(room, studio, off !== 'replaced', enter);

  const title = event.value?.title ?? '';
  useEffect(() => setTitle(`${on ? '● ' : ''}${room ? x.titleRoom : x.title}`, title), [on, title, x]);
  const head = useRef<HTMLHeadingElement>(null);
  const was = useRef(air);
  useLayoutEffect(() => {
    if (air !== was.current) focusOn(head.current); // the button that was pressed is gone
    was.current = air;
  }, [air]);
  return (
    <div class="studio vip dark" data-testid="vip-page" data-where={studio.where.value} data-room={room}>
      <a class="skip" href="#main">{t.value.skipToContent}</a>
      <header class="vip-bar">
        <span class="brand" aria-hidden="true"><Mark size={28} /></span>
        <h1>{title}</h1>
        {event.value && <PhaseBadge phase={event.value.phase} />}
        <LangSwitch />
      </header>
      <main id="main" class="vip-body">
        <figure class={`vip-pic ${air && !studio.behind.value ? 'live' : ''}`}>
          <Preview studio={studio} />
          {(air || studio.ready.value) && <Meter studio={studio} />}
        </figure>
        <div class="vip-side">
          {air ? <There studio={studio} room={room} head={head} /> : (
            <div class="stack">
              <h2 ref={head}>{room ? you.value?.name || x.titleRoom : x.welcome(you.value?.name ?? '')}</h2>
              {off && (
                <p class="banner" role="status" data-testid="vip-off" data-why={off}>
                  <MonitorSmartphone size={20} aria-hidden="true" />
                  <span>{off === 'removed' ? x.removed : room ? x.roomOut : x.replaced}</span>
                </p>
              )}
              {studio.ready.value ? (
                <Door studio={studio} room={room && off !== 'replaced'} busy={trying} elsewhere={elsewhere !== undefined && off !== 'replaced'} onEnter={enter} />
              ) : <Trouble studio={studio} room={room} link={link} />}
            </div>
          )}
          {notice.value.text && <p class="banner" role="status" data-testid="notice">{notice.value.text}</p>}
          {shown.value && <Chosen />}
          {air && company && <Lookout studio={studio} media={media} />}
        </div>
      </main>
      <Toasts />
    </div>
  );
}

function Door(p: { studio: Studio; room: boolean; busy: boolean; elsewhere: boolean; onEnter: () => Promise<void> }) {
  const x = w.value;
  if (p.room) return <p class="vip-lead" role="status">{p.busy ? x.entering : x.roomEntering}</p>;
  return (
    <>
      <button type="button" class="btn gold vip-enter" aria-disabled={p.busy} onClick={() => void p.onEnter()} data-testid="vip-enter">
        {p.busy ? <span class="spinner" aria-hidden="true" /> : <DoorOpen size={28} aria-hidden="true" />}
        {p.busy ? x.entering : x.enterAs(you.value?.name ?? '')}
      </button>
      <p class="vip-lead">{p.elsewhere ? x.moveHint : x.enterHint}</p>
      <DevicesButton studio={p.studio} />
    </>
  );
}

/** No picture and no sound: what to do, in the words of NotReady, and for a browser that cannot, the way to one that can. */
function Trouble({ studio, room, link }: { studio: Studio; room: boolean; link: string }) {
  const x = w.value;
  const p = studio.problem.value;
  if (p === 'webrtc' || p === 'capture' || p === 'secure') {
    return (
      <div class="stack trouble" role="alert" data-testid={`device-${p}`}>
        <h3><TriangleAlert size={22} aria-hidden="true" />{x.browserTitle}</h3>
        <p>{p === 'secure' ? x.secureText : x.browserText}</p>
        {p !== 'secure' && (
          <p class="row">
            <strong>{x.link}</strong>
            <CopyButton value={`${location.href}#t=${link}`} label={x.link} testid="copy-link" />
          </p>
        )}
      </div>
    );
  }
  return (
    <>
      {room && <p class="vip-lead">{x.roomWaits}</p>}
      <NotReady studio={studio} />
      {p && <p class="muted">{x.help}</p>}
    </>
  );
}

/** Behind the stage or on it: which of the two, large, and the few buttons. */
function There({ studio, room, head }: { studio: Studio; room: boolean; head: { current: HTMLHeadingElement | null } }) {
  const [asking, setAsking] = useState(false);
  const x = w.value;
  const status = studio.camera.value?.status.value ?? 'idle';
  const behind = studio.behind.value;
  const phase = event.value?.phase;
  const lost = status === 'reconnecting' || connection.value === 'reconnecting';
  void second.value;
  const title = lost && status !== 'live' ? x.lost : behind ? (room ? x.roomReady : x.ready) : room ? x.roomOnAir : x.onAir;
  const text = lost ? x.lostText
    : behind ? (room ? x.roomReadyText : x.readyText)
      : phase === 'scheduled' ? x.onAirScheduled
        : phase === 'paused' ? x.onAirPaused
          : studio.held.value.sound ? x.onAirHeld
            : !studio.micOn.value || !studio.sound.value ? x.onAirMuted
              : room ? x.roomOnAirText : x.onAirText;
  const spoken = useRef(title);
  useEffect(() => {
    if (title !== spoken.current) announce(`${title}. ${text}`, true);
    spoken.current = title;
  }, [title]);
  return (
    <div class="stack">
      <div class={`vip-state ${lost ? 'lost' : behind ? 'behind' : 'live'}`} data-testid="on-air" data-status={status} data-behind={behind}>
        <h2 ref={head}>{title}</h2>
        {!behind && !lost && <span class="num">{formatElapsed(performance.now() - studio.onAirAt.value)}</span>}
        <p>{text}</p>
      </div>
      <div class="vip-buttons" role="group" aria-label={w.value.title}>
        <MicButton studio={studio} big />
        <CamButton studio={studio} big />
        <button type="button" class="btn quiet big" onClick={() => setAsking(true)} data-testid="leave-stage">
          <LogOut size={20} aria-hidden="true" />
          {x.out}
        </button>
      </div>
      {asking && (
        <Confirm title={x.outAsk} text={x.outText} button={x.out} testid="leave-confirm" onClose={() => setAsking(false)}
          onYes={async () => {
            await studio.leave();
            toast('good', x.outNote);
          }} />
      )}
    </div>
  );
}

function DevicesButton({ studio }: { studio: Studio }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <p>
        <button type="button" class="btn bare small" onClick={() => setOpen(true)} data-testid="devices">
          <Settings2 size={18} aria-hidden="true" />
          {w.value.otherDevices}
        </button>
      </p>
      {open && (
        <Dialog title={w.value.otherDevices} onClose={close} cross testid="devices-dialog">
          <Pickers studio={studio} />
        </Dialog>
      )}
    </>
  );
}
