import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Mic, Volume2, X } from 'lucide-preact';
import { focusOn } from '../../a11y';
import { captureProblem, Level, openCamera } from '../../media/devices';
import { missing } from '../../media/pc';
import { toneURL } from './tone';
import { w } from './words';

export interface DeviceOutcome {
  sound: boolean;
  camera: boolean;
  mic: boolean;
}
type Note = (o: Partial<DeviceOutcome>) => void;

export function Devices({ onNote }: { onNote: Note }) {
  const x = w.value;
  return (
    <section class="card stack" aria-labelledby="uji-dev">
      <h2 id="uji-dev"><Mic size={22} aria-hidden="true" /> {x.devices}</h2>
      <p class="muted">{x.devicesLead}</p>
      <Speaker onNote={onNote} />
      <Capture onNote={onNote} />
    </section>
  );
}

/** The tone goes through a media element, as the lecture will: a phone's silent switch treats both alike. */
function Speaker({ onNote }: { onNote: Note }) {
  const x = w.value;
  const [said, setSaid] = useState<'' | 'asked' | 'yes' | 'no'>('');
  const url = useRef('');
  useEffect(() => () => URL.revokeObjectURL(url.current), []);
  const play = async () => {
    url.current ||= toneURL();
    await new Audio(url.current).play().catch(() => {});
    setSaid('asked');
  };
  const answer = (heard: boolean) => {
    setSaid(heard ? 'yes' : 'no');
    onNote({ sound: heard });
  };
  return (
    <div class="stack">
      <p class="row">
        <button type="button" class="btn quiet" onClick={() => void play()} data-testid="uji-tone">
          <Volume2 size={20} aria-hidden="true" />{x.tone}
        </button>
      </p>
      <div class="uji-said" role="status">
        {said === 'asked' && (
          <p class="row">
            {x.toneAsk}
            <button type="button" class="btn small" onClick={() => answer(true)} data-testid="uji-heard">{x.yes}</button>
            <button type="button" class="btn quiet small" onClick={() => answer(false)} data-testid="uji-unheard">{x.no}</button>
          </p>
        )}
        {said === 'yes' && <p class="uji-ok" ref={focusOn}>{x.toneOk}</p>}
        {said === 'no' && <p class="error" ref={focusOn}>{x.toneBad}</p>}
      </div>
    </div>
  );
}

function Capture({ onNote }: { onNote: Note }) {
  const x = w.value;
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [wrong, setWrong] = useState('');
  const again = useRef<HTMLButtonElement>(null);
  const closed = useRef(false);
  // The button that was pressed goes with what it closed: the focus comes back to the one that opens it.
  useLayoutEffect(() => {
    if (!stream && closed.current) focusOn(again.current);
    closed.current = false;
  }, [stream]);
  const open = async () => {
    setWrong('');
    const lack = missing(true);
    if (lack) return setWrong(lack === 'secure' ? x.problem.secure : x.problem.old);
    try {
      setStream(await openCamera({}).catch((e: unknown) => {
        if (captureProblem(e) !== 'missing') throw e;
        return openCamera({}, false); // no camera: the microphone is what matters
      }));
    } catch (e) {
      setWrong(x.problem[captureProblem(e)]);
    }
  };
  const close = () => {
    stream?.getTracks().forEach((t) => t.stop());
    closed.current = true;
    setStream(null);
  };
  useEffect(() => () => stream?.getTracks().forEach((t) => t.stop()), [stream]);
  useEffect(() => {
    if (stream) onNote({ camera: stream.getVideoTracks().length > 0 });
  }, [stream]);
  return (
    <div class="stack">
      {stream ? (
        <Live stream={stream} onNote={onNote} onClose={close} />
      ) : (
        <p>
          <button type="button" class="btn quiet" ref={again} onClick={() => void open()} data-testid="uji-capture">
            <Mic size={20} aria-hidden="true" />{x.capture}
          </button>
        </p>
      )}
      <div class="uji-said" role="alert">{wrong && <p class="error">{wrong}</p>}</div>
    </div>
  );
}

function Live({ stream, onNote, onClose }: { stream: MediaStream; onNote: Note; onClose: () => void }) {
  const x = w.value;
  const video = useRef<HTMLVideoElement>(null);
  const [level, setLevel] = useState<Level | null>(null);
  const [heard, setHeard] = useState(false);
  const [echo, setEcho] = useState<'' | 'rec' | 'play'>('');
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
    const l = new Level(stream);
    const off = l.value.subscribe((v) => v > 0.35 && setHeard(true)); // -39 dBFS: a voice, not a room
    setLevel(l);
    return () => {
      off();
      l.close();
    };
  }, [stream]);
  useEffect(() => {
    if (heard) onNote({ mic: true });
  }, [heard]);
  const record = () => {
    const rec = new MediaRecorder(new MediaStream(stream.getAudioTracks()));
    const parts: Blob[] = [];
    rec.ondataavailable = (e) => parts.push(e.data);
    rec.onstop = async () => {
      setEcho('play');
      const url = URL.createObjectURL(new Blob(parts, { type: rec.mimeType }));
      const a = new Audio(url);
      a.onended = () => {
        URL.revokeObjectURL(url);
        setEcho('');
      };
      await a.play().catch(() => setEcho(''));
    };
    setEcho('rec');
    rec.start();
    setTimeout(() => rec.state === 'recording' && rec.stop(), 3000);
  };
  const value = level ? level.value.value : 0;
  return (
    <div class="uji-live">
      {stream.getVideoTracks().length > 0 ? (
        <video ref={video} autoplay muted playsinline data-testid="uji-video" />
      ) : (
        <p class="muted">{x.noCamera}</p>
      )}
      <div class="stack">
        <p id="uji-speak" ref={focusOn}>{heard ? <span class="uji-ok" data-testid="uji-mic-ok">{x.heard}</span> : x.speak}</p>
        <div class="uji-meter" role="meter" aria-label={x.level} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(value * 100)}>
          <span style={{ transform: `scaleX(${value})` }} />
        </div>
        <p class="row">
          {'MediaRecorder' in window && (
            <button type="button" class="btn quiet small" disabled={echo !== ''} onClick={record}>
              {echo === 'rec' ? x.recording : echo === 'play' ? x.playing : x.echo}
            </button>
          )}
          <button type="button" class="btn quiet small" onClick={onClose} data-testid="uji-capture-end"><X size={16} aria-hidden="true" />{x.stop}</button>
        </p>
      </div>
    </div>
  );
}
