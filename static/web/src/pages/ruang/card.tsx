import { useRef, useState } from 'preact/hooks';
import { Check, CircleAlert, Clock3 } from 'lucide-preact';
import { announce } from '../../a11y';
import { lang } from '../../i18n';
import { Scanner } from '../../qr/scanner';
import { formatClock } from '../../time';
import { Field } from '../../ui/parts';
import { toast } from '../staff/toast';
import { queue, taken } from './queue';
import type { TabProps } from './tab';
import { w } from './words';

/** The code in what a personal card's QR says: the code alone, or at the end of an address. */
function codeIn(text: string): string {
  const code = (text.split(/[#/=]/).at(-1) ?? '').toUpperCase().replace(/[^0-9A-Z]/g, '');
  return code.length >= 6 && code.length <= 32 ? code : '';
}

/** Personal cards, by camera or typed: works without a network, the server looks the code up when it hears of it. */
export function Card(p: TabProps) {
  const [out, setOut] = useState(false);
  const [code, setCode] = useState('');
  const [error, setError] = useState('');
  const x = w.value;
  const going = useRef(out);
  going.current = out;
  const record = async (text: string) => {
    const c = codeIn(text);
    setError(c ? '' : x.cardBad);
    if (!c) return false;
    await p.sender.add({ hall: p.hall.id, person: '', nip: '', code: c, name: c, out: going.current, how: 'card', reason: x.tabCard, file: '' });
    const said = x.cardRead(c, going.current);
    announce(said);
    toast('good', said);
    return true;
  };
  const submit = (e: Event) => {
    e.preventDefault();
    void record(code).then((is) => is && setCode(''));
  };
  return (
    <div class="stack">
      <p>{x.cardLead}</p>
      <fieldset class="row rb-way">
        <legend>{x.direction}</legend>
        <label><input type="radio" name="way" checked={!out} onChange={() => setOut(false)} data-testid="card-in" /> {x.in}</label>
        <label><input type="radio" name="way" checked={out} onChange={() => setOut(true)} data-testid="card-out" /> {x.out}</label>
      </fieldset>
      <Scanner testid="card" onText={(text) => void record(text)} />
      <form class="row rb-type" onSubmit={submit} noValidate>
        <Field label={x.cardCode} hint={x.cardHint} error={error}>
          {(a) => (
            <input {...a} class="input" autoCapitalize="characters" autoComplete="off" spellcheck={false} maxLength={40} value={code}
              onInput={(e) => setCode(e.currentTarget.value)} data-testid="card-code" />
          )}
        </Field>
        <button type="submit" class="btn" data-testid="card-add">{out ? x.out : x.in}</button>
      </form>
      <Taken hall={p.hall.id} />
    </div>
  );
}

/** The last cards, so that their PIC sees whose they were and whether the server has them. */
function Taken({ hall }: { hall: string }) {
  const x = w.value;
  const mine = taken.value.filter((m) => m.hall === hall && m.how === 'card');
  if (mine.length === 0) return null;
  return (
    <section aria-labelledby="rb-taken">
      <h2 id="rb-taken" class="rb-small">{x.lastCards}</h2>
      <ul class="rb-taken">
        {mine.map((m) => {
          const q = queue.value.find((one) => one.entry === m.entry);
          const Icon = !q ? Check : q.refused ? CircleAlert : Clock3;
          return (
            <li key={m.entry} class={q?.refused ? 'bad' : ''} data-testid="card-taken" data-state={!q ? 'sent' : q.refused ? 'refused' : 'waiting'}>
              <Icon size={18} aria-hidden="true" />
              <span>
                <strong>{m.name}</strong> {m.out ? x.out : x.in} {formatClock(m.at, lang.value)}
                <span class="small muted">{q ? q.refused || x.queued : x.sent}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
