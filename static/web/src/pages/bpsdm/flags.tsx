import { useState } from 'preact/hooks';
import { ScanSearch } from 'lucide-preact';
import { focusOn } from '../../a11y';
import { lang } from '../../i18n';
import { formatClock, formatDate, formatDuration, formatNumber } from '../../time';
import { Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { toast } from '../staff/toast';
import { keepWho, lastWho } from './deskdata';
import { judge, type Flag, type Verdict } from './halldata';
import { w } from './hallwords';
import { CardHead } from './head';

/** "Temuan": what looks odd, and what people made of it. It changes no credit. */
export function Flags(p: { token: string; event: string; rows: Flag[]; onJudged: (rows: Flag[]) => void }) {
  const x = w.value;
  const open = p.rows.filter((f) => f.said.length === 0);
  const done = p.rows.filter((f) => f.said.length > 0);
  const list = (rows: Flag[]) => (
    <ul class="kr-list">{rows.map((f) => <Item key={f.id} f={f} {...p} />)}</ul>
  );
  return (
    <section class="card rt" aria-labelledby="fl-head" data-testid="flags">
      <CardHead icon={ScanSearch} id="fl-head" title={x.flags}
        note={open.length > 0 ? x.flagsOpen(open.length) : done.length > 0 ? x.flagsDone : x.flagsNone} />
      {list(open)}
      {done.length > 0 && (
        <details class="rt-older">
          <summary>{x.judged(done.length)}</summary>
          {list(done)}
        </details>
      )}
    </section>
  );
}

function told(f: Flag): string {
  const x = w.value.told;
  const clock = f.from ? formatClock(f.from, lang.value) : '–';
  const long = formatDuration(f.seconds, lang.value);
  switch (f.kind) {
    case 'device': return x.device(formatNumber(f.people.length, lang.value));
    case 'two_places': return x.two_places(clock, long);
    case 'two_halls': return x.two_halls(clock, long);
    case 'no_out': return x.no_out(clock);
    case 'unchecked': return x.unchecked(f.percent, f.missed);
  }
}

interface ItemProps {
  f: Flag;
  token: string;
  event: string;
  onJudged: (rows: Flag[]) => void;
}

function Item(p: ItemProps) {
  const { f } = p;
  const x = w.value;
  const [judging, setJudging] = useState(false);
  const last = f.said.at(-1);
  return (
    <li class="kr-item" data-testid="flag" data-kind={f.kind}>
      <div class="fl-head">
        <h3>{x.kind[f.kind]}</h3>
        {last && <Badge v={last.verdict} />}
      </div>
      <p>{told(f)} {f.halls.length > 0 && <span class="muted">({f.halls.join(', ')})</span>}</p>
      <ul class="fl-people">
        {f.people.map((one) => (
          <li key={one.person}>
            <strong>{one.name}</strong> {one.unit && <span class="small muted">{one.unit}</span>}
          </li>
        ))}
      </ul>
      {f.said.map((s) => (
        <p key={s.at + s.reason} class="small kr-done" data-testid="verdict">
          <Badge v={s.verdict} /> {s.reason}{' '}
          <span class="muted">({s.who}, {formatDate(s.at, lang.value)} {formatClock(s.at, lang.value)} WIB)</span>
        </p>
      ))}
      {judging ? (
        <JudgeForm {...p} onClose={() => setJudging(false)} />
      ) : (
        <p>
          <button type="button" class={`btn small ${last ? 'bare' : 'quiet'}`} onClick={() => setJudging(true)} data-testid="judge-open">
            {last ? x.judgeAgain : x.judgeOpen}
            <span class="sr">: {x.kind[f.kind]}, {f.people.map((one) => one.name).join(', ')}</span>
          </button>
        </p>
      )}
    </li>
  );
}

function Badge({ v }: { v: Verdict['verdict'] }) {
  return <span class={`badge ${v === 'fine' ? 'grey' : 'gold'}`}>{v === 'fine' ? w.value.fine : w.value.act}</span>;
}

function JudgeForm(p: ItemProps & { onClose: () => void }) {
  const x = w.value;
  const [verdict, setVerdict] = useState<Verdict['verdict']>(p.f.said.at(-1)?.verdict ?? 'fine');
  const [reason, setReason] = useState('');
  const [who, setWho] = useState(lastWho());
  const s = useRun();
  const send = (e: SubmitEvent) => {
    e.preventDefault();
    s.run(async () => {
      const rows = await judge(p.token, p.event, p.f.id, { verdict, reason, who });
      keepWho(who);
      toast('good', x.saved);
      focusOn(document.getElementById('fl-head')); // the button that was pressed goes
      p.onClose();
      p.onJudged(rows);
    });
  };
  return (
    <form class="fl-form" onSubmit={send}>
      <fieldset class="fl-verdict">
        <legend>{x.verdict}</legend>
        {(['fine', 'act'] as const).map((v) => (
          <label key={v} class="fl-choice">
            <input type="radio" name={`v-${p.f.id}`} checked={verdict === v} onChange={() => setVerdict(v)} data-testid={`judge-${v}`} />
            {v === 'fine' ? x.fine : x.act}
          </label>
        ))}
      </fieldset>
      <Field label={x.who} hint={x.whoHint}>
        {(a) => <input {...a} class="input" required minLength={3} maxLength={200} value={who} data-testid="judge-who" onInput={(e) => setWho(e.currentTarget.value)} />}
      </Field>
      <div class="kr-wide">
        <Field label={x.reason} hint={x.reasonHint} error={s.error}>
          {(a) => <input {...a} class="input" required minLength={3} maxLength={200} value={reason} data-testid="judge-reason" onInput={(e) => setReason(e.currentTarget.value)} />}
        </Field>
      </div>
      <div class="row kr-wide">
        <button type="submit" class="btn" aria-disabled={s.busy} data-testid="judge-save">{x.judge}</button>
      </div>
    </form>
  );
}
