import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { fromField, toField } from '../../time';
import { Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { toast } from '../staff/toast';
import { correct, type CorrectProps } from './correctdata';
import { w } from './correctwords';
import { keepWho, lastWho } from './deskdata';

/** Somebody who was there and is not on the list: the desk grants the time and names them; a number the roster knows finds them there. */
export function Outsider(p: CorrectProps & { onBack: () => void }) {
  const [nip, setNip] = useState('');
  const [name, setName] = useState('');
  const [unit, setUnit] = useState('');
  const [from, setFrom] = useState(toField(p.startsAt));
  const [to, setTo] = useState(toField(p.endsAt));
  const [reason, setReason] = useState('');
  const [who, setWho] = useState(lastWho());
  const s = useRun();
  const x = w.value;
  const send = (e: Event) => {
    e.preventDefault();
    s.run(async () => {
      const rows = await correct(p.token, p.event, {
        nip, name, unit, void: false, from: fromField(from, p.startsAt), to: fromField(to, p.endsAt), reason, who,
      });
      keepWho(who);
      toast('good', x.outsideSaved);
      p.onDone(rows);
    });
  };
  return (
    <form class="stack" onSubmit={send} data-testid="outsider">
      <p class="muted">{x.outsideAbout}</p>
      <Field label="NIP">
        {(a) => <input {...a} class="input num" required autoFocus inputMode="numeric" autoComplete="off" maxLength={40} value={nip} data-testid="outsider-nip" onInput={(e) => setNip(e.currentTarget.value)} />}
      </Field>
      <Field label={x.name} hint={x.nameHint}>
        {(a) => <input {...a} class="input" required minLength={2} maxLength={120} autoComplete="off" value={name} data-testid="outsider-name" onInput={(e) => setName(e.currentTarget.value)} />}
      </Field>
      <Field label={x.unit}>
        {(a) => <input {...a} class="input" required minLength={2} maxLength={120} autoComplete="off" value={unit} data-testid="outsider-unit" onInput={(e) => setUnit(e.currentTarget.value)} />}
      </Field>
      <div class="co-times">
        <Field label={x.from}>
          {(a) => <input {...a} class="input" type="time" step="1" required value={from} data-testid="outsider-from" onInput={(e) => setFrom(e.currentTarget.value)} />}
        </Field>
        <Field label={x.to}>
          {(a) => <input {...a} class="input" type="time" step="1" required value={to} data-testid="outsider-to" onInput={(e) => setTo(e.currentTarget.value)} />}
        </Field>
      </div>
      <Field label={x.who} hint={x.whoHint}>
        {(a) => <input {...a} class="input" required minLength={3} maxLength={200} value={who} data-testid="outsider-who" onInput={(e) => setWho(e.currentTarget.value)} />}
      </Field>
      <Field label={x.reason} hint={x.reasonHint} error={s.error}>
        {(a) => <input {...a} class="input" required minLength={10} maxLength={500} value={reason} data-testid="outsider-reason" onInput={(e) => setReason(e.currentTarget.value)} />}
      </Field>
      <div class="row dialog-buttons">
        <button type="button" class="btn bare" onClick={p.onBack}>{x.back}</button>
        <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
        <button type="submit" class="btn" aria-disabled={s.busy} data-testid="outsider-save">{x.outsideSave}</button>
      </div>
    </form>
  );
}
