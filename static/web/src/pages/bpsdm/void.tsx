import { useState } from 'preact/hooks';
import type { Ratified } from '../../api';
import { t } from '../../i18n';
import { Dialog, Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import type { Event } from '../../wire.gen';
import { toast } from '../staff/toast';
import { keepWho, lastWho, voidList } from './deskdata';
import { w } from './deskwords';

/** Takes the list that counts back, with a reason. */
export function VoidList(p: { token: string; event: Event; list: Ratified; onClose: () => void; onDone: () => void }) {
  const x = w.value;
  const [who, setWho] = useState(lastWho());
  const [reason, setReason] = useState('');
  const s = useRun();
  const send = (e: SubmitEvent) => {
    e.preventDefault();
    s.run(async () => {
      await voidList(p.token, p.event.id, p.list.number, { who, reason });
      keepWho(who);
      toast('good', x.voidDone);
      p.onDone();
    });
  };
  return (
    <Dialog title={x.void} onClose={p.onClose} testid="void-dialog">
      <p>{x.voidText(p.list.number)}</p>
      <p>{x.voidNext}</p>
      <form class="stack" onSubmit={send}>
        <Field label={x.voidWho} hint={x.byHint}>
          {(a) => <input {...a} class="input" required minLength={3} maxLength={200} value={who} data-testid="void-who" onInput={(e) => setWho(e.currentTarget.value)} />}
        </Field>
        <Field label={x.voidReason} error={s.error}>
          {(a) => <input {...a} class="input" required minLength={3} maxLength={200} value={reason} data-testid="void-reason" onInput={(e) => setReason(e.currentTarget.value)} />}
        </Field>
        <div class="row dialog-buttons">
          <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
          <button type="submit" class="btn danger" aria-disabled={s.busy} data-testid="void-yes">{x.void}</button>
        </div>
      </form>
    </Dialog>
  );
}
