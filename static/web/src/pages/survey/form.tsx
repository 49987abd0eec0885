import { useEffect, useState } from 'preact/hooks';
import { CircleAlert, CircleCheck } from 'lucide-preact';
import { announce } from '../../a11y';
import { api } from '../../api';
import { Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { FIRST_OF_SPEAKER } from './items';
import './survey.css';
import { w } from './words';

interface State {
  open: boolean;
  done: boolean;
  top: number;
  items: string[];
}
const MAX_TEXT = 500;

/** The evaluation after an event; nothing is shown to who may not answer. */
export function SurveyForm({ event, token }: { event: string; token: string }) {
  const path = `/api/events/${encodeURIComponent(event)}/survey`;
  const [state, setState] = useState<State | null>(null);
  const [values, setValues] = useState<Record<string, number>>({});
  const [good, setGood] = useState('');
  const [better, setBetter] = useState('');
  const { busy, error, say, run } = useRun();
  const x = w.value;
  useEffect(() => {
    const stop = new AbortController();
    api<State>('GET', path, { token, signal: stop.signal }).then(setState, () => {}); // without an answer there is no form
    return () => stop.abort();
  }, [path, token]);
  if (!state?.open) return null;
  if (state.done) {
    return <p class="card survey-done" role="status" data-testid="survey-done"><CircleCheck size={20} aria-hidden="true" />{x.thanks}</p>;
  }
  const submit = () => {
    const left = state.items.filter((k) => !values[k]).length;
    if (left > 0) return say(x.missing(left));
    run(async () => {
      const body = { values: state.items.map((k) => values[k]), good: good.trim(), better: better.trim() };
      setState(await api<State>('POST', path, { token, body }));
      announce(x.thanks);
    });
  };
  const cut = state.items.indexOf(FIRST_OF_SPEAKER);
  const part = (title: string, items: string[]) => (
    <>
      <h3>{title}</h3>
      {items.map((k) => (
        <fieldset key={k} class="survey-item">
          <legend>{x.items[k] ?? k}</legend>
          <div class="survey-scale">
            {Array.from({ length: state.top }, (_, i) => i + 1).map((v) => (
              <label key={v} class={values[k] === v ? 'on' : ''} data-testid={`survey-${k}-${v}`}>
                <input type="radio" class="sr" name={`survey-${k}`} checked={values[k] === v} onChange={() => setValues({ ...values, [k]: v })} />
                {v}
              </label>
            ))}
          </div>
        </fieldset>
      ))}
    </>
  );
  return (
    <section class="card stack survey" aria-labelledby="survey-h" data-testid="survey">
      <h2 id="survey-h">{x.title}</h2>
      <p>{x.lead}</p>
      <p class="small muted">{x.scale}</p>
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}>
        {part(x.organisation, state.items.slice(0, cut))}
        {part(x.speaker, state.items.slice(cut))}
        <Field label={x.good}>{(a) => <textarea {...a} class="input" rows={2} maxLength={MAX_TEXT} value={good} onInput={(e) => setGood(e.currentTarget.value)} data-testid="survey-good" />}</Field>
        <Field label={x.better}>{(a) => <textarea {...a} class="input" rows={2} maxLength={MAX_TEXT} value={better} onInput={(e) => setBetter(e.currentTarget.value)} />}</Field>
        <div role="alert">{error && <p class="error"><CircleAlert size={16} aria-hidden="true" />{error}</p>}</div>
        <p><button type="submit" class="btn" aria-disabled={busy} data-testid="survey-send">{x.send}</button></p>
      </form>
    </section>
  );
}
