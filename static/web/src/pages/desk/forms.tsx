import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { questions, stage } from '../../store/state';
import { Dialog, Field } from '../../ui/parts';
import { MaxAnswer, MaxReason, type Question } from '../../wire.gen';
import { toast } from '../staff/toast';
import { form, nowText, type Actions } from './actions';
import { ALIKE, ranked } from './similar';
import { w } from './words';

/** The form that is open. It closes by itself when somebody else settles the question meanwhile. */
export function Forms({ actions }: { actions: Actions }) {
  const f = form.value;
  const q = f ? questions.value.get(f.id) : undefined;
  const fits = q && (f?.kind === 'answer' ? q.status === 'approved' : q.status === 'pending' || q.status === 'approved');
  const [sending, setSending] = useState(false);
  useEffect(() => {
    if (!f || fits || sending) return;
    form.value = null;
    toast('info', w.value.conflict, nowText(f.id));
  }, [f, fits, sending]);
  if (!f || !q || (!fits && !sending)) return null;

  const close = () => (form.value = null);
  const send = async (run: Promise<boolean>) => {
    setSending(true);
    const done = await run;
    setSending(false);
    if (done) close();
  };
  if (f.kind === 'merge') {
    return <MergeForm q={q} busy={sending} onClose={close} onSend={(into) => void send(actions.merge(q, into))} />;
  }
  const reject = f.kind === 'reject';
  const x = w.value;
  return (
    <TextForm key={f.id + f.kind} q={q} busy={sending} onClose={close}
      title={reject ? x.rejectTitle : x.answerTitle} label={reject ? x.rejectReason : x.answerText}
      hint={reject ? x.rejectHint : x.answerHint} need={reject ? x.rejectNeed : x.answerNeed}
      button={reject ? x.rejectDo : x.answerDo} danger={reject} max={reject ? MaxReason : MaxAnswer}
      ready={reject ? x.reasons : []} testid={reject ? 'reject-form' : 'answer-form'}
      onSend={(text) => void send(reject ? actions.reject(q, text) : actions.answerWritten(q, text))} />
  );
}

function TextForm(p: {
  q: Question;
  busy: boolean;
  title: string;
  label: string;
  hint: string;
  need: string;
  button: string;
  danger: boolean;
  max: number;
  ready: string[];
  testid: string;
  onClose: () => void;
  onSend: (text: string) => void;
}) {
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const left = p.max - [...text].length; // code points, as the server counts
  const x = w.value;
  const submit = () => {
    if (!text.trim()) return setError(p.need);
    if (left < 0) return setError(x.charsOver(-left));
    p.onSend(text.trim());
  };
  return (
    <Dialog title={p.title} onClose={p.onClose} testid={p.testid}>
      <blockquote class="q-quote">{p.q.text}</blockquote>
      {p.ready.length > 0 && (
        <div class="row q-ready">
          {p.ready.map((r) => (
            <button key={r} type="button" class="btn quiet small" onClick={() => {
              setText(r);
              setError('');
            }}>{r}</button>
          ))}
        </div>
      )}
      <Field label={p.label} error={error} hint={
        <span class="row spread">
          <span>{p.hint}</span>
          <span class="num">{left < 0 ? x.charsOver(-left) : x.charsLeft(left)}</span>
        </span>
      }>
        {(a) => (
          <textarea {...a} class="input" rows={p.max > 300 ? 6 : 3} required value={text} autoFocus
            data-testid={`${p.testid}-text`}
            onInput={(e) => {
              setText(e.currentTarget.value);
              setError('');
            }}
            onKeyDown={(e) => e.key === 'Enter' && (e.ctrlKey || e.metaKey) && submit()} />
        )}
      </Field>
      <Buttons busy={p.busy} onClose={p.onClose}>
        <button type="button" class={`btn ${p.danger ? 'danger' : ''}`} aria-disabled={p.busy} data-testid={`${p.testid}-send`}
          onClick={() => !p.busy && submit()}>
          {p.button}
        </button>
      </Buttons>
    </Dialog>
  );
}

const MOST = 40;

function MergeForm(p: { q: Question; busy: boolean; onClose: () => void; onSend: (into: string) => void }) {
  const x = w.value;
  const all = questions.value;
  // What everyone sees can only go into something everyone sees.
  const into = useMemo(() => {
    const targets = [...all.values()].filter((o) =>
      o.status === 'approved' || (o.status === 'pending' && p.q.status === 'pending'));
    return ranked(p.q, targets);
  }, [all, p.q]);
  const best = into[0] && into[0].score >= ALIKE ? into[0].question.id : '';
  const [chosen, setChosen] = useState(best);
  const [filter, setFilter] = useState('');
  const listed = into.filter((m) => m.question.text.toLowerCase().includes(filter.trim().toLowerCase())).slice(0, MOST);
  const valid = into.some((m) => m.question.id === chosen);
  return (
    <Dialog title={x.mergeTitle} onClose={p.onClose} testid="merge-form">
      <blockquote class="q-quote">{p.q.text}</blockquote>
      {into.length === 0 ? (
        <p>{x.mergeNone}</p>
      ) : (
        <>
          {into.length > 6 && (
            <input class="input" type="text" inputMode="search" placeholder={x.filter} aria-label={x.filter} value={filter}
              onInput={(e) => setFilter(e.currentTarget.value)} />
          )}
          <fieldset class="q-targets">
            <legend>{x.mergeInto}</legend>
            {listed.map(({ question: o, score }) => (
              <label key={o.id} class={chosen === o.id ? 'on' : ''} data-testid="merge-target" data-id={o.id}>
                <input type="radio" name="into" checked={chosen === o.id} onChange={() => setChosen(o.id)} />
                <span>
                  {o.text}
                  <span class="row small muted">
                    {score >= ALIKE && <span class="badge gold">{x.similar(Math.round(score * 100))}</span>}
                    <span>{o.status === 'approved' ? x.supporters(String(o.support)) : x.pending}</span>
                    {stage.value.question === o.id && <span>{x.shown}</span>}
                  </span>
                </span>
              </label>
            ))}
          </fieldset>
        </>
      )}
      <p class="small muted">{x.mergeHint}</p>
      <Buttons busy={p.busy} onClose={p.onClose}>
        <button type="button" class="btn" aria-disabled={p.busy || !valid} data-testid="merge-form-send"
          onClick={() => !p.busy && valid && p.onSend(chosen)}>
          {x.mergeDo}
        </button>
      </Buttons>
    </Dialog>
  );
}

function Buttons(p: { busy: boolean; onClose: () => void; children: ComponentChildren }) {
  return (
    <div class="row dialog-buttons">
      <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
      {p.children}
    </div>
  );
}
