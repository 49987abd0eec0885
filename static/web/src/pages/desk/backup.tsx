import { useId, useState } from 'preact/hooks';
import { Undo2, Shield } from 'lucide-preact';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { stage } from '../../store/state';
import { toast } from '../staff/toast';
import { w } from './words';

const AFTER = [3, 5, 10, 20];

/** The second device: is it ready, is it on, and does it take over by itself. Shown once a source is marked. */
export function Backup({ socket }: { socket: Socket }) {
  const [busy, setBusy] = useState(false);
  const auto = useId();
  const x = w.value;
  const k = stage.value.takeover;
  if (!k) return null;
  const ask = async (request: Promise<unknown>) => {
    setBusy(true);
    try {
      await request;
    } catch (e) {
      toast('error', x.backupFailed, sentence(e));
    } finally {
      setBusy(false);
    }
  };
  const rule = (on: boolean, after: number) => void ask(socket.request('backup.rule', { auto: on, after }));
  const choices = AFTER.includes(k.after) ? AFTER : [...AFTER, k.after].sort((a, b) => a - b);
  return (
    <div class="backup" data-testid="backup" data-on={k.on} data-ready={k.ready}>
      <p class="small" role="status">{k.on ? x.backupShown : k.ready ? x.backupReady : x.backupNone}</p>
      <button type="button" class={`btn small ${k.on ? 'gold' : 'quiet'}`} data-testid="backup-over"
        aria-disabled={busy || (!k.on && !k.ready)}
        onClick={() => !busy && (k.on || k.ready) && void ask(socket.request('backup.over', { on: !k.on }))}>
        {k.on ? <Undo2 size={18} aria-hidden="true" /> : <Shield size={18} aria-hidden="true" />}
        {k.on ? x.backupBack : x.backupUse}
      </button>
      <div class="auto">
        <input id={auto} type="checkbox" role="switch" checked={k.auto} data-testid="backup-auto"
          onChange={() => rule(!k.auto, k.after)} />
        <label for={auto}>
          {x.backupAuto}
          <span class="small muted">{x.backupAutoHint(k.after)}</span>
        </label>
      </div>
      {k.auto && (
        <label class="row small">
          {x.backupAfter}
          <select class="input" value={String(k.after)} data-testid="backup-after"
            onChange={(e) => rule(true, Number(e.currentTarget.value))}>
            {choices.map((n) => <option key={n} value={String(n)}>{x.seconds(n)}</option>)}
          </select>
        </label>
      )}
    </div>
  );
}
