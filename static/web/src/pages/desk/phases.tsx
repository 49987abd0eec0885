import { useRef, useState } from 'preact/hooks';
import { CircleStop, Pause, Play } from 'lucide-preact';
import { announce, useFocusKept } from '../../a11y';
import { lang, sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { counts, event, may } from '../../store/state';
import { formatNumber } from '../../time';
import { Confirm } from '../staff/confirm';
import { toast } from '../staff/toast';
import { w } from './words';

/** The buttons that move the event on. Ending it asks first: there is no way back. */
export function Phases({ socket }: { socket: Socket }) {
  const [busy, setBusy] = useState('');
  const [asking, setAsking] = useState(false);
  const [armed, setArmed] = useState(false);
  const part = useRef<HTMLElement>(null);
  useFocusKept(part);
  const phase = event.value?.phase ?? 'scheduled';
  const x = w.value;
  if (!may('phase') && phase !== 'ended') return null;
  const go = async (to: 'live' | 'paused' | 'ended') => {
    if (busy) return;
    setBusy(to);
    try {
      await socket.request('phase', { to });
    } catch (e) {
      toast('error', x.phaseFailed, sentence(e));
    } finally {
      setBusy('');
    }
  };
  // An emergency needs no dialog, and a slip of the hand no pause: the first press arms, the second within 4 s pauses.
  const arm = () => {
    if (armed) {
      setArmed(false);
      void go('paused');
      return;
    }
    setArmed(true);
    announce(x.pauseAgain, true);
    setTimeout(() => setArmed(false), 4000);
  };
  const hint: Record<string, string> = { scheduled: x.startHint, paused: x.pausedHint, ended: x.endedHint };
  return (
    <section ref={part} class="phases" aria-label={x.phases}>
      {phase !== 'ended' && (
        <div class="row">
          {phase === 'scheduled' && (
            <button type="button" class="btn" aria-disabled={busy !== ''} onClick={() => void go('live')} data-testid="phase-live">
              <Play size={18} aria-hidden="true" />{x.start}
            </button>
          )}
          {phase === 'paused' && (
            <button type="button" class="btn" aria-disabled={busy !== ''} onClick={() => void go('live')} data-testid="phase-live">
              <Play size={18} aria-hidden="true" />{x.resume}
            </button>
          )}
          {phase === 'live' && (
            <button type="button" class={`btn pause ${armed ? 'danger' : 'gold'}`} aria-disabled={busy !== ''} onClick={arm}
              data-testid="phase-paused" data-armed={armed}>
              <Pause size={22} aria-hidden="true" />{armed ? x.pauseAgain : x.pause}
            </button>
          )}
          {phase !== 'scheduled' && (
            <button type="button" class="btn quiet end" onClick={() => setAsking(true)} data-testid="phase-ended">
              <CircleStop size={18} aria-hidden="true" />{x.end}
            </button>
          )}
        </div>
      )}
      {hint[phase] && <p class="small muted">{hint[phase]}</p>}
      {asking && (
        <Confirm title={x.endAsk} text={x.endHint(formatNumber(counts.value.viewers, lang.value))} button={x.end}
          testid="phase-ended-confirm" onClose={() => setAsking(false)} onYes={() => go('ended')} />
      )}
    </section>
  );
}
