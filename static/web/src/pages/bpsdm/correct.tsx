import { useState } from 'preact/hooks';
import type { Stretch } from '../../api';
import { lang, t } from '../../i18n';
import { formatDuration, formatSecond, fromField, toField } from '../../time';
import { Dialog, Field, Spinner } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { toast } from '../staff/toast';
import { correct, type CorrectProps } from './correctdata';
import { getSheet, useLoaded, type Row, type Sheet } from './data';
import { keepWho, lastWho } from './deskdata';
import { w as dw } from './deskwords';
import { w } from './correctwords';
import { Outsider } from './outsider';
import { explain, type Explained } from './halldata';
import { Failed } from './states';

/** "Buat koreksi": who, which stretch, and why, with the evidence beside it. */
export function Correct(p: CorrectProps & { row?: Row }) {
  const [row, setRow] = useState<Row | null>(p.row ?? null);
  const [outside, setOutside] = useState(false);
  const x = w.value;
  if (outside) {
    return (
      <Dialog title={x.outside} onClose={p.onClose} testid="correct-dialog">
        <Outsider {...p} onBack={() => setOutside(false)} />
      </Dialog>
    );
  }
  return (
    <Dialog title={x.begin} onClose={p.onClose} testid="correct-dialog">
      {row ? <Form key={row.person} {...p} row={row} onOther={p.row ? null : () => setRow(null)} /> : <Whose {...p} onRow={setRow} onOutside={() => setOutside(true)} />}
    </Dialog>
  );
}

function Whose(p: CorrectProps & { onRow: (r: Row) => void; onOutside: () => void }) {
  const [q, setQ] = useState('');
  const x = w.value;
  const want = q.trim();
  const ready = want.length >= 3;
  const found = useLoaded<Sheet | null>(ready ? want : '', () => 0, (s) =>
    ready ? getSheet(p.token, p.event, { q: want, region: '', page: 1, size: 8 }, s) : Promise.resolve(null));
  return (
    <div class="stack">
      <p class="muted">{x.about}</p>
      <Field label={x.search} hint={x.searchHint}>
        {(a) => (
          <input {...a} class="input" type="search" autoFocus autoComplete="off" maxLength={100} value={q} data-testid="correct-search"
            onInput={(e) => setQ(e.currentTarget.value)} />
        )}
      </Field>
      {found.error ? <Failed error={found.error} onRetry={found.again} /> : ready && found.busy && !found.data && <Spinner />}
      <div role="status">
        {ready && !found.busy && found.data?.rows.length === 0 && <p class="muted">{x.nobody}</p>}
      </div>
      <ul class="co-people" aria-label={x.whose}>
        {ready && found.data?.rows.map((r) => (
          <li key={r.person}>
            <button type="button" class="co-person" onClick={() => p.onRow(r)} data-testid="correct-person">
              <strong>{r.name}</strong>
              <span class="small muted"><span class="num">{r.nip}</span>{r.unit && ` · ${r.unit}`}</span>
            </button>
          </li>
        ))}
      </ul>
      <div class="row dialog-buttons">
        <button type="button" class="btn bare" onClick={p.onOutside} data-testid="correct-outside">{x.outside}</button>
        <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
      </div>
    </div>
  );
}

function Form(p: CorrectProps & { row: Row; onOther: (() => void) | null }) {
  const { row } = p;
  const x = w.value;
  const l = lang.value;
  const why = useLoaded<Explained>(row.person, () => 0, (s) => explain(p.token, p.event, row.person, s));
  const [off, setOff] = useState(false);
  const [near, setNear] = useState<Stretch | null>(null); // the stretch that was picked; its ends are exact
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [reason, setReason] = useState('');
  const [who, setWho] = useState(lastWho());
  const s = useRun();
  const gaps = (why.data?.gaps ?? []).filter((g) => g.why !== 'paused' && g.why !== 'ceremony' && g.why !== 'voided');
  const offered: (Stretch & { note: string })[] = off
    ? (why.data?.intervals ?? row.intervals).map((i) => ({ ...i, note: formatDuration((Date.parse(i.to) - Date.parse(i.from)) / 1000, l) }))
    : gaps.map((g) => ({ from: g.from, to: g.to, note: dw.value.why[g.why] }));
  const pick = (i: Stretch) => {
    setNear(i);
    setFrom(toField(i.from));
    setTo(toField(i.to));
  };
  // A field knows seconds and no day: the picked stretch gives both.
  const at = near ?? offered[0] ?? { from: row.in, to: row.out };
  const exact = (value: string, end: string): number => (value === toField(end) ? Date.parse(end) : fromField(value, end));
  const minutes = at.from && from && to ? Math.round((exact(to, at.to) - exact(from, at.from)) / 60_000) : 0;
  const send = (e: Event) => {
    e.preventDefault();
    s.run(async () => {
      const rows = await correct(p.token, p.event, {
        person: row.person, void: off, from: exact(from, at.from), to: exact(to, at.to), reason, who,
      });
      keepWho(who);
      toast('good', x.saved);
      p.onDone(rows);
    });
  };
  return (
    <form class="stack" onSubmit={send}>
      <div class="kr-who">
        <strong>{row.name}</strong>
        <span class="num small muted">{row.nip}</span>
        {p.onOther && <button type="button" class="btn bare small" onClick={p.onOther}>{x.other}</button>}
      </div>
      <p>{x.now(formatDuration(row.seconds, l), row.percent)}</p>
      <fieldset class="fl-verdict">
        <legend>{x.kind}</legend>
        {[false, true].map((is) => (
          <label key={String(is)} class="fl-choice">
            <input type="radio" name="co-kind" checked={off === is} data-testid={is ? 'correct-void' : 'correct-grant'} onChange={() => {
              setOff(is);
              setNear(null);
              setFrom('');
              setTo('');
            }} />
            {is ? x.void : x.grant}
          </label>
        ))}
        <p class="small muted">{off ? x.voidHint : x.grantHint}</p>
      </fieldset>
      {offered.length > 0 && (
        <div>
          <h3 class="co-label">{off ? x.spans : x.gaps}</h3>
          <ul class="co-spans">
            {offered.map((i) => (
              <li key={i.from}>
                <button type="button" class="co-person" aria-pressed={near?.from === i.from} onClick={() => pick(i)} data-testid="correct-span">
                  <span class="num">{formatSecond(i.from, l)}–{formatSecond(i.to, l)}</span>
                  <span class="small muted">{i.note}</span>
                  <span class="sr">{x.pick}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      <div class="co-times">
        <Field label={x.from}>
          {(a) => <input {...a} class="input" type="time" step="1" required value={from} data-testid="correct-from" onInput={(e) => setFrom(e.currentTarget.value)} />}
        </Field>
        <Field label={x.to} hint={minutes > 0 ? dw.value.minutes(minutes) : ''}>
          {(a) => <input {...a} class="input" type="time" step="1" required value={to} data-testid="correct-to" onInput={(e) => setTo(e.currentTarget.value)} />}
        </Field>
      </div>
      <Field label={x.who} hint={x.whoHint}>
        {(a) => <input {...a} class="input" required minLength={3} maxLength={200} value={who} data-testid="correct-who" onInput={(e) => setWho(e.currentTarget.value)} />}
      </Field>
      <Field label={x.reason} hint={x.reasonHint} error={s.error}>
        {(a) => <input {...a} class="input" required minLength={10} maxLength={500} value={reason} data-testid="correct-reason" onInput={(e) => setReason(e.currentTarget.value)} />}
      </Field>
      <div class="row dialog-buttons">
        <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
        <button type="submit" class="btn" aria-disabled={s.busy} data-testid="correct-save">{x.save}</button>
      </div>
    </form>
  );
}
