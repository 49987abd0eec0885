import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { CircleStop, Radio } from 'lucide-preact';
import { announce, focusOn } from '../../a11y';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { event, mine, you } from '../../store/state';
import { CamButton, MicButton, NotReady, Preview } from '../stage/check';
import { Pickers } from '../stage/pickers';
import { Studio } from '../stage/studio';
import { w as studioWords } from '../stage/words';
import './floor.css';
import { checking, news } from './turn';
import { w } from './words';

/** An invited participant's own camera and microphone: checked, on the stage, and off again. */
export default function Floor({ socket }: { socket: Socket }) {
  const studio = useMemo(() => new Studio(socket, 'camera', () => you.peek()?.name ?? '', (n, e) => {
    const x = studioWords.value;
    if (n === 'air-refused') news.value = e ? sentence(e) : w.value.stageOver;
    else if (n === 'sound-released') announce(x.micReleased);
    else if (n === 'picture-released') announce(x.camReleased);
    else announce(n === 'camera-lost' ? x.deviceLostCamera : n === 'mic-lost' ? x.deviceLostMic : x.deviceFailed, true);
  }), [socket]);
  const air = studio.where.value === 'air';
  useEffect(() => () => {
    if (studio.where.peek() === 'air' && !news.peek()) news.value = w.value.stageOver;
    void studio.end();
  }, [studio]);
  const step = async () => {
    try {
      await socket.request('hand', { on: false });
    } catch (e) {
      news.value = sentence(e);
    }
  };
  return air ? <OnAir studio={studio} onLeave={step} /> : <Ready studio={studio} onLeave={step} />;
}

function Ready({ studio, onLeave }: { studio: Studio; onLeave: () => Promise<void> }) {
  const head = useRef<HTMLHeadingElement>(null);
  const id = useId();
  const [error, setError] = useState('');
  const x = w.value;
  const back = mine.value.hand?.status === 'stage'; // a reload: the old transport is still counted
  const starting = studio.where.value === 'starting';
  const blocked = starting || !studio.ready.value;
  useEffect(() => {
    checking.value = true;
    focusOn(head.current);
    return () => {
      checking.value = false;
    };
  }, []);
  const go = async () => {
    if (blocked) return;
    setError('');
    try {
      await studio.goLive();
    } catch (e) {
      setError(sentence(e));
    }
  };
  return (
    <section class="floor dark" aria-labelledby={id} data-testid="floor">
      <h2 id={id} ref={head}>{back ? x.backTitle : x.invited}</h2>
      <p class="muted">{x.invitedLead}</p>
      <Preview studio={studio} />
      {studio.ready.value ? (
        <>
          <Pickers studio={studio} />
        </>
      ) : (
        <NotReady studio={studio} />
      )}
      <div class="floor-foot">
        {error && <p class="floor-error" role="alert">{error}</p>}
        {studio.ready.value && (
          <button type="button" class="btn gold floor-go" aria-disabled={blocked} onClick={() => void go()} data-testid="floor-go">
            {starting ? <span class="spinner" aria-hidden="true" /> : <Radio size={22} aria-hidden="true" />}
            {starting ? studioWords.value.starting : x.goOnStage}
          </button>
        )}
        <button type="button" class="btn bare" onClick={() => void onLeave()} data-testid="floor-decline">{x.decline}</button>
      </div>
    </section>
  );
}

function OnAir({ studio, onLeave }: { studio: Studio; onLeave: () => Promise<void> }) {
  const head = useRef<HTMLElement>(null);
  const x = w.value;
  const status = studio.camera.value?.status.value ?? 'idle';
  const paused = event.value?.phase === 'paused';
  useEffect(() => {
    announce(w.value.youAreOn);
    if (document.activeElement === document.body) focusOn(head.current); // the button that was pressed is gone
  }, []);
  return (
    <section ref={head} class="floor air dark" aria-label={x.youAreOn} data-testid="floor-air" data-status={status}>
      <Preview studio={studio} />
      <p class={`floor-mark ${status === 'live' ? 'live' : ''}`} role="status">
        {status === 'live' ? (paused ? studioWords.value.pausedBanner : x.youAreOn) : studioWords.value.reconnecting}
      </p>
      <div class="floor-tools">
        <MicButton studio={studio} />
        <CamButton studio={studio} />
        <button type="button" class="btn danger small" onClick={() => void onLeave()} data-testid="step-down">
          <CircleStop size={20} aria-hidden="true" />
          {x.stepDown}
        </button>
      </div>
    </section>
  );
}
