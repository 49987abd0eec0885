import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { CircleAlert } from 'lucide-preact';
import { sentence, t } from '../../i18n';
import type { Socket } from '../../socket';
import { Dialog, Field } from '../../ui/parts';
import { MaxOption, MaxOptions, MaxPollText, MaxTop, type MakePoll } from '../../wire.gen';
import { toast } from '../staff/toast';
import { w } from './words';

const KINDS: MakePoll['kind'][] = ['single', 'multiple', 'scale', 'text'];
const SETS: MakePoll['set'][] = ['', 'pre', 'post'];

/** The options typed so far: trimmed lines that say something. */
export const lines = (s: string): string[] => s.split('\n').map((l) => l.trim()).filter(Boolean);

/** What keeps a poll from being one; "" when nothing does. */
export function lacks(m: MakePoll, x: { need: string; needOptions: string; keyNeed: string }): string {
  const choice = m.kind === 'single' || m.kind === 'multiple';
  const all = lines(m.options);
  if (!m.text.trim()) return x.need;
  if (choice && (all.length < 2 || all.length > MaxOptions || new Set(all).size < all.length || all.some((o) => [...o].length > MaxOption))) return x.needOptions;
  if (m.set && m.right === 0) return x.keyNeed;
  return '';
}

const blank: MakePoll = { kind: 'single', text: '', options: '', top: 5, right: 0, set: '', anonymous: false, live: true };
/** Whether the form is open, and what is in it: both outlive a turned phone, and the draft a closed form. */
export const making = signal(false);
const draft = signal(blank);

/** Drafts a poll. What was typed stays until the server has it. */
export function PollForm({ socket }: { socket: Socket }) {
  const m = draft.value;
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const x = w.value;
  const choice = m.kind === 'single' || m.kind === 'multiple';
  const onClose = () => (making.value = false);
  const change = (c: Partial<MakePoll>) => {
    draft.value = { ...m, ...c };
    setError('');
  };
  const submit = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    const body: MakePoll = {
      ...m, text: m.text.trim(), options: choice ? lines(m.options).join('\n') : '', top: m.kind === 'scale' ? m.top : 0,
      set: choice ? m.set : '', right: choice && m.set ? m.right : 0, anonymous: m.anonymous && !m.set, live: m.live && !m.set && m.kind !== 'text',
    };
    const lack = lacks(body, x);
    if (lack) return setError(lack);
    setBusy(true);
    try {
      await socket.request('poll.make', body);
      toast('good', x.saved);
      draft.value = { ...blank, set: m.set }; // a quiz has several questions
      onClose();
    } catch (err) {
      setError(sentence(err));
      setBusy(false);
    }
  };
  return (
    <Dialog title={x.make} onClose={onClose} testid="poll-form">
      <form class="stack" onSubmit={(e) => void submit(e)}>
        <Field label={x.kind}>
          {(a) => (
            <select {...a} class="input" value={m.kind} data-testid="poll-kind"
              onChange={(e) => change({ kind: e.currentTarget.value as MakePoll['kind'], right: 0 })}>
              {KINDS.map((k) => <option key={k} value={k}>{x.kinds[k as keyof typeof x.kinds]}</option>)}
            </select>
          )}
        </Field>
        <Field label={x.question}>
          {(a) => (
            <textarea {...a} class="input" rows={2} maxLength={MaxPollText} value={m.text} autoFocus data-testid="poll-question"
              onInput={(e) => change({ text: e.currentTarget.value.replace(/\n/g, ' ') })} />
          )}
        </Field>
        {choice && (
          <Field label={x.options} hint={x.optionsHint}>
            {(a) => (
              <textarea {...a} class="input" rows={4} value={m.options} data-testid="poll-options"
                onInput={(e) => change({ options: e.currentTarget.value, right: 0 })} />
            )}
          </Field>
        )}
        {m.kind === 'scale' && (
          <Field label={x.top}>
            {(a) => (
              <select {...a} class="input" value={m.top} onChange={(e) => change({ top: Number(e.currentTarget.value) })}>
                {Array.from({ length: MaxTop - 1 }, (_, i) => i + 2).map((n) => <option key={n} value={n}>{n}</option>)}
              </select>
            )}
          </Field>
        )}
        {choice && (
          <Field label={x.set} hint={m.set ? x.setHint : ''}>
            {(a) => (
              <select {...a} class="input" value={m.set} data-testid="poll-set"
                onChange={(e) => change({ set: e.currentTarget.value as MakePoll['set'] })}>
                {SETS.map((s) => <option key={s} value={s}>{x.sets[s as keyof typeof x.sets]}</option>)}
              </select>
            )}
          </Field>
        )}
        {choice && m.set !== '' && lines(m.options).length > 0 && (
          <fieldset class="poll-choices">
            <legend class="text">{x.key}</legend>
            {lines(m.options).slice(0, MaxOptions).map((o, i) => (
              <label key={o + i} class={m.right & (1 << i) ? 'on' : ''} data-testid="poll-right">
                <input type={m.kind === 'multiple' ? 'checkbox' : 'radio'} name="right" checked={Boolean(m.right & (1 << i))}
                  onChange={() => change({ right: m.kind === 'multiple' ? m.right ^ (1 << i) : 1 << i })} />
                <span>{o}</span>
              </label>
            ))}
          </fieldset>
        )}
        {!m.set && (
          <div class="stack tight">
            <label class="row"><input type="checkbox" checked={m.anonymous} onChange={() => change({ anonymous: !m.anonymous })} /> {x.anonymous}</label>
            {m.kind !== 'text' && (
              <label class="row"><input type="checkbox" checked={m.live} onChange={() => change({ live: !m.live })} /> {x.live}</label>
            )}
          </div>
        )}
        <div role="alert">{error && <p class="error"><CircleAlert size={16} aria-hidden="true" />{error}</p>}</div>
        <div class="row dialog-buttons">
          <button type="button" class="btn quiet" onClick={onClose}>{t.value.cancel}</button>
          <button type="submit" class="btn" aria-disabled={busy} data-testid="poll-save">{x.save}</button>
        </div>
      </form>
    </Dialog>
  );
}
