import { useState } from 'preact/hooks';
import { ClipboardList, PencilLine } from 'lucide-preact';
import { focusOn } from '../../a11y';
import type { Decision } from '../../api';
import { lang } from '../../i18n';
import { formatClock, formatDate, formatDuration, formatSecond, fromField, toField } from '../../time';
import { Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { toast } from '../staff/toast';
import { Correct } from './correct';
import { w as c } from './correctwords';
import { decide, keepWho, lastWho, type DeskRow } from './deskdata';
import { w } from './deskwords';
import { CardHead } from './head';

/** "Meja koreksi": who contests what, the evidence beside it, the decision, and what the desk corrects by itself. */
export function CorrectionDesk(p: { token: string; event: string; startsAt: string; endsAt: string; rows: DeskRow[]; onDecided: (rows: DeskRow[]) => void }) {
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState(false); // shown at once
  const x = w.value;
  const decided = (rows: DeskRow[]) => {
    focusOn(document.getElementById('kr-head')); // the button that was pressed goes
    p.onDecided(rows);
  };
  const open = p.rows.filter((r) => r.decisions.length === 0);
  const closed = p.rows.filter((r) => r.decisions.length > 0);
  const list = (rows: DeskRow[]) => (
    <ul class="kr-list">
      {rows.map((r) => <Item key={r.id} r={r} token={p.token} event={p.event} onDecided={decided} />)}
    </ul>
  );
  return (
    <section class="card rt" aria-labelledby="kr-head" data-testid="corrections">
      <CardHead icon={ClipboardList} id="kr-head" title={x.desk}
        note={open.length > 0 ? x.waiting(open.length) : p.rows.length > 0 ? x.nothingWaits : c.value.none}>
        <button type="button" class="btn quiet" onClick={() => setMaking(true)} data-testid="correct-open">
          <PencilLine size={18} aria-hidden="true" />
          {c.value.begin}
        </button>
      </CardHead>
      {list(open)}
      {closed.length > 0 && (
        <details class="rt-older" open={open.length === 0 || made}>
          <summary>{x.decidedList(closed.length)}</summary>
          {list(closed)}
        </details>
      )}
      {making && (
        <Correct token={p.token} event={p.event} startsAt={p.startsAt} endsAt={p.endsAt} onClose={() => setMaking(false)} onDone={(rows) => {
          setMaking(false);
          setMade(true);
          p.onDecided(rows);
        }} />
      )}
    </section>
  );
}

/** What a decision of the desk was, in a word. */
function said(r: DeskRow, d: Decision): string {
  if (!r.desk) return d.granted ? w.value.granted : w.value.refused;
  return d.granted ? c.value.granted : d.void ? c.value.voided : c.value.withdrawn;
}

const lengthOf = (s: { from: string; to: string }): number => (Date.parse(s.to) - Date.parse(s.from)) / 1000;

function Item(p: { r: DeskRow; token: string; event: string; onDecided: (rows: DeskRow[]) => void }) {
  const { r } = p;
  const x = w.value;
  const l = lang.value;
  const [deciding, setDeciding] = useState(r.decisions.length === 0);
  const last = r.decisions.at(-1);
  const over = r.desk && !last?.granted && !last?.void; // withdrawn: another is made instead
  return (
    <li class="kr-item" data-testid="correction" data-id={r.id}>
      <div class="kr-who">
        <strong>{r.name}</strong>
        <span class="num small muted">{r.nip}</span>
        <span class="small muted">{[r.unit, r.region].filter(Boolean).join(' · ')}</span>
      </div>
      <div class="kr-cols">
        <div>
          <h3>{r.desk ? c.value.kind : x.request}</h3>
          <p>
            <span class="num">{formatSecond(r.from, l)}–{formatSecond(r.to, l)} WIB</span> ({formatDuration(lengthOf(r), l)})
          </p>
          {r.desk ? <p>{c.value.byDesk}</p> : <p class="kr-reason">{r.reason}</p>}
          <p class="small muted">{formatDate(r.at, l)}, {formatClock(r.at, l)} WIB</p>
        </div>
        <div>
          <h3>{x.evidence}</h3>
          <p>{x.now(formatDuration(r.own.seconds, l), r.own.percent, r.own.meets)}</p>
          {!r.desk && <p>{x.ifGranted(formatDuration(r.ifSeconds, l), r.ifPercent, r.ifMeets)}</p>}
          <ul class="kr-gaps small">
            {r.own.gaps.map((g) => (
              <li key={g.from}>
                <span class="num">{formatSecond(g.from, l)}–{formatSecond(g.to, l)}</span> {x.why[g.why]}
              </li>
            ))}
          </ul>
          <p class="small muted">{x.checks(r.own.answered, r.own.missed, r.own.excused)}</p>
        </div>
      </div>
      {r.decisions.map((d) => (
        <p key={d.at} class="small kr-done" data-testid="decision">
          <span class={`badge ${d.granted ? '' : d.void ? 'gold' : 'grey'}`}>{said(r, d)}</span>{' '}
          {(d.granted || d.void) && <span class="num">{formatSecond(d.from, l)}–{formatSecond(d.to, l)} ({formatDuration(lengthOf(d), l)}): </span>}
          {d.reason} <span class="muted">({d.who}, {formatDate(d.at, l)} {formatClock(d.at, l)} WIB)</span>
        </p>
      ))}
      {deciding ? (
        <DecideForm {...p} onDone={(rows) => {
          setDeciding(false);
          p.onDecided(rows);
        }} />
      ) : !over && (
        <p>
          <button type="button" class="btn bare small" onClick={() => setDeciding(true)} data-testid="decide-again">
            {r.desk ? c.value.withdraw : x.again}<span class="sr">: {r.name}</span>
          </button>
        </p>
      )}
    </li>
  );
}

function DecideForm(p: { r: DeskRow; token: string; event: string; onDone: (rows: DeskRow[]) => void }) {
  const { r } = p;
  const x = w.value;
  const [from, setFrom] = useState(toField(r.from));
  const [to, setTo] = useState(toField(r.to));
  const [reason, setReason] = useState('');
  const [who, setWho] = useState(lastWho());
  const s = useRun();
  const exact = (value: string, end: string): number => (value === toField(end) ? Date.parse(end) : fromField(value, end));
  const minutes = Math.round((exact(to, r.to) - exact(from, r.from)) / 60_000);
  const send = (granted: boolean) => s.run(async () => {
    const span = granted ? { from: exact(from, r.from), to: exact(to, r.to) } : { from: 0, to: 0 };
    const rows = await decide(p.token, p.event, r.id, { granted, ...span, reason, who });
    keepWho(who);
    toast('good', r.desk ? c.value.withdrawn : granted ? x.granted : x.refused);
    p.onDone(rows);
  });
  return (
    <form class="kr-form" onSubmit={(e) => {
      e.preventDefault();
      send(!r.desk);
    }}>
      {!r.desk && (
        <>
          <Field label={x.from}>
            {(a) => <input {...a} class="input" type="time" step="1" required value={from} onInput={(e) => setFrom(e.currentTarget.value)} />}
          </Field>
          <Field label={x.to} hint={minutes > 0 ? x.minutes(minutes) : ''}>
            {(a) => <input {...a} class="input" type="time" step="1" required value={to} onInput={(e) => setTo(e.currentTarget.value)} />}
          </Field>
        </>
      )}
      <Field label={x.who} hint={x.byHint}>
        {(a) => <input {...a} class="input" required maxLength={200} value={who} data-testid="decide-who" onInput={(e) => setWho(e.currentTarget.value)} />}
      </Field>
      <div class="kr-wide">
        <Field label={x.reason} hint={x.reasonHint} error={s.error}>
          {(a) => <input {...a} class="input" required maxLength={500} value={reason} data-testid="decide-reason" onInput={(e) => setReason(e.currentTarget.value)} />}
        </Field>
      </div>
      <div class="row kr-wide">
        {r.desk ? (
          <button type="submit" class="btn" aria-disabled={s.busy} data-testid="decide-withdraw">{c.value.withdraw}</button>
        ) : (
          <>
            <button type="submit" class="btn" aria-disabled={s.busy} data-testid="decide-grant">{x.grant}</button>
            <button type="button" class="btn quiet" aria-disabled={s.busy} onClick={() => send(false)} data-testid="decide-refuse">{x.refuse}</button>
          </>
        )}
      </div>
    </form>
  );
}
