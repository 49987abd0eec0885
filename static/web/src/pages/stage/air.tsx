import { useRef, useState } from 'preact/hooks';
import { CircleStop, DoorOpen, MonitorOff, MonitorUp, Radio, Settings2 } from 'lucide-preact';
import { useFocusKept } from '../../a11y';
import { sentence, t } from '../../i18n';
import { stage, you } from '../../store/state';
import { formatElapsed, second } from '../../time';
import { Dialog } from '../../ui/parts';
import { Confirm } from '../staff/confirm';
import { toast } from '../staff/toast';
import { CamButton, MicButton, Preview } from './check';
import { HealthLine } from './health';
import { Meter, Pickers } from './pickers';
import type { Studio } from './studio';
import { w } from './words';

/** On the stage: one's own picture, how it gets out, and the buttons. */
export function Air({ studio }: { studio: Studio }) {
  const x = w.value;
  const sign = studio.kind === 'interpreter';
  const status = studio.camera.value?.status.value ?? 'idle';
  const behind = studio.behind.value;
  const part = useRef<HTMLElement>(null);
  useFocusKept(part);
  void second.value;
  return (
    <section ref={part} class="air" aria-label={x.onAir}>
      <div class="air-pic">
        <Preview studio={studio} />
        <p class={`air-mark ${status === 'live' && !behind ? 'live' : 'wait'}`} role="status" data-testid="on-air"
          data-status={status} data-behind={behind}>
          {status === 'live' ? (behind ? x.behind : x.onAir) : status === 'reconnecting' ? x.reconnecting : x.starting}
          {status === 'live' && !behind && (
            <span class="num" title={x.onAirTime}> {formatElapsed(performance.now() - studio.onAirAt.value)}</span>
          )}
        </p>
        {!sign && <Meter studio={studio} />}
      </div>
      <div class="air-line">
        <HealthLine studio={studio} />
        <DevicesButton studio={studio} />
      </div>
      {behind && status === 'live' && <Forward studio={studio} />}
      <Controls studio={studio} />
    </section>
  );
}

/** Behind the stage: the way forward, or who opens it. */
function Forward({ studio }: { studio: Studio }) {
  const x = w.value;
  const held = stage.value.gate && you.value?.role !== 'operator';
  if (held) return <p class="banner" role="status" data-testid="behind-wait"><DoorOpen size={20} aria-hidden="true" /><span>{x.behindWait}</span></p>;
  return (
    <button type="button" class="btn gold go-live" data-testid="go-forward"
      onClick={() => void studio.place(false).catch((e: unknown) => toast('error', x.goLiveFailed, sentence(e)))}>
      <Radio size={24} aria-hidden="true" />
      {x.goForward}
    </button>
  );
}

function Controls({ studio }: { studio: Studio }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const x = w.value;
  const sign = studio.kind === 'interpreter';
  const sharing = studio.screen.value !== null;
  const canShare = typeof navigator.mediaDevices?.getDisplayMedia === 'function';
  const share = async () => {
    if (busy) return;
    setBusy(true);
    try {
      if (sharing) await studio.stopScreen();
      else await studio.shareScreen();
    } catch (e) {
      toast('error', x.screenFailed, e instanceof DOMException ? '' : sentence(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="controls-bar" role="group">
      {!sign && <MicButton studio={studio} big />}
      <CamButton studio={studio} big />
      {!sign && canShare && (
        <button type="button" class={`btn big ${sharing ? 'gold' : 'quiet'}`} aria-disabled={busy} onClick={() => void share()}
          data-testid={sharing ? 'stop-share' : 'share-screen'}>
          {sharing ? <MonitorOff size={20} aria-hidden="true" /> : <MonitorUp size={20} aria-hidden="true" />}
          {sharing ? t.value.stopSharing : t.value.shareScreen}
        </button>
      )}
      {!studio.behind.value && (
        <button type="button" class="btn quiet big" data-testid="go-back"
          onClick={() => void studio.place(true).catch((e: unknown) => toast('error', x.goLiveFailed, sentence(e)))}>
          <DoorOpen size={20} aria-hidden="true" />
          {x.goBack}
        </button>
      )}
      <button type="button" class="btn danger big leave" onClick={() => setAsking(true)} data-testid="leave-stage">
        <CircleStop size={20} aria-hidden="true" />
        {x.leave}
      </button>
      {asking && (
        <Confirm title={x.leaveAsk} text={x.leaveText} button={x.leave} testid="leave-confirm" onClose={() => setAsking(false)}
          onYes={async () => {
            await studio.leave();
            toast('good', x.leftNote);
          }} />
      )}
    </div>
  );
}

function DevicesButton({ studio }: { studio: Studio }) {
  const [open, setOpen] = useState(false);
  const x = w.value;
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" class="btn bare small" onClick={() => setOpen(true)} data-testid="devices">
        <Settings2 size={18} aria-hidden="true" />
        {x.devices}
      </button>
      {open && (
        <Dialog title={x.devicesTitle} onClose={close} testid="devices-dialog">
          <Pickers studio={studio} />
          <div class="row dialog-buttons">
            <button type="button" class="btn" onClick={close}>{x.done}</button>
          </div>
        </Dialog>
      )}
    </>
  );
}
