import { useId, useState } from 'preact/hooks';
import { Pencil, Scale } from 'lucide-preact';
import { lang, t } from '../../i18n';
import { formatClock, formatDate, formatNumber } from '../../time';
import { Dialog, Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import type { Event } from '../../wire.gen';
import { toast } from '../staff/toast';
import { keepWho, lastWho } from './deskdata';
import { CardHead } from './head';
import './policy.css';
import { changed, setPolicy, worth, type Policy, type PolicyView, type Rounding } from './policydata';
import { w } from './policywords';

/** What the event's evidence is worth, who changed that and why. */
export function PolicyPanel(p: { token: string; event: Event; data: PolicyView; again: () => void }) {
  const [asking, setAsking] = useState(false);
  const x = w.value;
  const d = p.data;
  const l = lang.value;
  return (
    <section class="card rt" aria-labelledby="po-head" data-testid="policy">
      <CardHead icon={Scale} id="po-head" title={x.title} note={d.fixed ? x.fixed : x.free}>
        {!d.fixed && (
          <button type="button" class="btn quiet" onClick={() => setAsking(true)} data-testid="policy-open">
            <Pencil size={18} aria-hidden="true" />
            {x.change}
          </button>
        )}
      </CardHead>
      <p data-testid="policy-rule">{x.rule(d.rule, d.now)}</p>
      {d.changes.length > 0 && (
        <details class="rt-older">
          <summary>{x.history(d.changes.length)}</summary>
          <ol class="po-log" data-testid="policy-log">
            {d.changes.map((c, i) => (
              <li key={c.revision}>
                <strong>{x.nth(c.revision)}: {changed(c, d.changes[i + 1] ?? d.planned).map((k) => difference(c, k)).join('; ')}</strong>
                <span class="small">{c.reason}</span>
                <span class="small muted">{c.who} · {formatDate(c.at, l)}, {formatClock(c.at, l)} WIB</span>
              </li>
            ))}
          </ol>
        </details>
      )}
      {asking && (
        <Change {...p} onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            p.again();
          }} />
      )}
    </section>
  );
}

function difference(p: Policy, field: keyof Policy): string {
  const say = w.value.diff;
  return field in say ? say[field as keyof typeof say](p) : '';
}

function Change(p: { token: string; event: Event; data: PolicyView; onClose: () => void; onDone: () => void }) {
  const x = w.value;
  const [c, setC] = useState<Policy>(p.data.now);
  const [who, setWho] = useState(lastWho());
  const [reason, setReason] = useState('');
  const s = useRun();
  const hint = useId();
  const planned = Date.parse(p.event.endsAt) - Date.parse(p.event.startsAt);
  const number = (label: string, key: 'threshold' | 'bridge' | 'approved' | 'cap', most: number, help?: string) => (
    <Field label={label} hint={help}>
      {(a) => (
        <input {...a} class="input" type="number" inputMode="numeric" required min={0} max={most} step={1} value={c[key]}
          data-testid={`policy-${key}`} onInput={(e) => setC({ ...c, [key]: e.currentTarget.valueAsNumber })} />
      )}
    </Field>
  );
  const send = (e: SubmitEvent) => {
    e.preventDefault();
    if (s.busy) return;
    if (c.levels === '') return s.say(x.levelNone);
    if (changed(c, p.data.now).length === 0) return s.say(x.same);
    s.run(async () => {
      await setPolicy(p.token, p.event.id, c, reason, who);
      keepWho(who);
      toast('good', x.done);
      p.onDone();
    });
  };
  return (
    <Dialog title={x.change} onClose={p.onClose} testid="policy-dialog">
      <form class="stack" onSubmit={send}>
        <div class="po-grid">
          <Field label={x.minutes}>
            {(a) => (
              <select {...a} class="input" value={c.minutes} data-testid="policy-minutes" onChange={(e) => setC({ ...c, minutes: Number(e.currentTarget.value) })}>
                {[45, 60].map((n) => <option key={n} value={n}>{x.minutesOf(n)}</option>)}
              </select>
            )}
          </Field>
          <Field label={x.rounding}>
            {(a) => (
              <select {...a} class="input" value={c.rounding} onChange={(e) => setC({ ...c, rounding: e.currentTarget.value as Rounding })}>
                {(['', 'nearest', 'up'] as const).map((r) => <option key={r} value={r}>{x.roundings[r]}</option>)}
              </select>
            )}
          </Field>
          {number(x.threshold, 'threshold', 100)}
          {number(x.bridge, 'bridge', 600, x.bridgeHint)}
          {number(x.approved, 'approved', 1000, x.approvedHint)}
          {number(x.cap, 'cap', 1000, x.capHint)}
        </div>
        <fieldset class="po-levels">
          <legend>{x.levels}</legend>
          {(['A', 'B', 'C', 'D'] as const).map((level) => (
            <label key={level} class="po-check">
              <input type="checkbox" checked={c.levels.includes(level)} data-testid={`policy-level-${level}`}
                onChange={(e) => {
                  const on = e.currentTarget.checked;
                  setC({ ...c, levels: [...'ABCD'].filter((v) => (v === level ? on : c.levels.includes(v))).join('') });
                }} />
              {x.level[level]}
            </label>
          ))}
        </fieldset>
        <div>
          <label class="po-check">
            <input type="checkbox" checked={c.ceremony} aria-describedby={hint} data-testid="policy-ceremony"
              onChange={(e) => setC({ ...c, ceremony: e.currentTarget.checked })} />
            {x.ceremony}
          </label>
          <p class="small muted" id={hint}>{x.ceremonyHint}</p>
        </div>
        <p class="banner" role="status" data-testid="policy-preview">
          {x.preview(formatNumber(Math.round(planned / 60_000), lang.value), worth(c, planned))} {x.applies}
        </p>
        <Field label={x.who} hint={x.whoHint}>
          {(a) => <input {...a} class="input" required minLength={3} maxLength={200} value={who} data-testid="policy-who" onInput={(e) => setWho(e.currentTarget.value)} />}
        </Field>
        <Field label={x.reason} hint={x.reasonHint} error={s.error}>
          {(a) => <input {...a} class="input" required minLength={3} maxLength={200} value={reason} data-testid="policy-reason" onInput={(e) => setReason(e.currentTarget.value)} />}
        </Field>
        <div class="row dialog-buttons">
          <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
          <button type="submit" class="btn" aria-disabled={s.busy} data-testid="policy-save">{x.save}</button>
        </div>
      </form>
    </Dialog>
  );
}
