import { useState } from 'preact/hooks';
import { FileDown } from 'lucide-preact';
import { download } from '../../api';
import { lang, sentence, t } from '../../i18n';
import { formatNumber, formatSecond } from '../../time';
import { Dialog, Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { toast } from '../staff/toast';
import { useLoaded } from './data';
import { fileOf, getMarks, strikeMark, type HallMark } from './halldata';
import { w } from './hallwords';
import { Failed, Loading } from './states';

const SHOWN = 50;
const AGAIN_MS = 15_000;
const plain = (s: string): string => s.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Every mark of one hall with its ground, the newest first. */
export function Marks(p: { token: string; event: string; hall: string; again: () => void }) {
  const x = w.value;
  const log = useLoaded<HallMark[]>(p.hall, () => AGAIN_MS, (s) => getMarks(p.token, p.event, p.hall, s));
  const [q, setQ] = useState('');
  const [striking, setStriking] = useState<HallMark | null>(null);
  if (!log.data) return log.error ? <Failed error={log.error} onRetry={log.again} /> : <Loading />;
  if (log.data.length === 0) return <p class="muted">{x.marksNone}</p>;
  const found = log.data.filter((m) => !q || plain(m.name + m.unit).includes(plain(q))).reverse();
  return (
    <div class="stack">
      {log.data.length > 10 && (
        <Field label={x.search}>
          {(a) => <input {...a} class="input" type="search" value={q} onInput={(e) => setQ(e.currentTarget.value)} />}
        </Field>
      )}
      <ul class="rm-marks">
        {found.slice(0, SHOWN).map((m) => (
          <Mark key={m.entry} m={m} onStrike={() => setStriking(m)}
            onFile={() => download(fileOf(p.event, m.file), p.token, 'lembar').catch((e: unknown) => toast('error', x.picture, sentence(e)))} />
        ))}
      </ul>
      {found.length > SHOWN && <p class="small muted">{x.more(formatNumber(found.length - SHOWN, lang.value))}</p>}
      {striking && (
        <Strike m={striking} token={p.token} event={p.event} onClose={() => setStriking(null)}
          onDone={() => {
            setStriking(null);
            log.again();
            p.again();
          }} />
      )}
    </div>
  );
}

function Mark({ m, onStrike, onFile }: { m: HallMark; onStrike: () => void; onFile: () => void }) {
  const x = w.value;
  const l = lang.value;
  return (
    <li class={m.struck ? 'struck' : ''} data-testid="room-mark" data-entry={m.entry}>
      <div class="rm-who">
        <strong>{m.name}</strong>
        <span class="small muted"><span class="num">{m.nip}</span>{m.unit && ` · ${m.unit}`}</span>
      </div>
      <div class="rm-what">
        <span><span class="num">{formatSecond(m.at, l)}</span> {x.way(m.out)} · {x.level(m.level)}</span>
        <span class="small muted">
          {x.how[m.how] ?? m.how} · {m.by || x.own} · {x.took(formatSecond(m.taken, l))}
          {m.reason && <> · {m.reason}</>}
        </span>
        {m.struck && <span class="small rm-struck">{x.struckBy(formatSecond(m.struck, l), m.why)}</span>}
      </div>
      <div class="rm-do">
        {m.file && (
          <button type="button" class="btn bare icon small" onClick={onFile} aria-label={`${x.picture}: ${m.name}`} title={x.picture}>
            <FileDown size={18} aria-hidden="true" />
          </button>
        )}
        {!m.struck && (
          <button type="button" class="btn bare small" onClick={onStrike} data-testid="mark-strike">
            {x.strike}<span class="sr">: {m.name}</span>
          </button>
        )}
      </div>
    </li>
  );
}

function Strike(p: { m: HallMark; token: string; event: string; onClose: () => void; onDone: () => void }) {
  const x = w.value;
  const [reason, setReason] = useState('');
  const s = useRun();
  const send = (e: SubmitEvent) => {
    e.preventDefault();
    s.run(async () => {
      await strikeMark(p.token, p.event, { entry: p.m.entry, reason });
      toast('good', x.struck);
      p.onDone();
    });
  };
  return (
    <Dialog title={x.strikeTitle} onClose={p.onClose} testid="strike-dialog">
      <p>{x.strikeText(p.m.name)}</p>
      <form class="stack" onSubmit={send}>
        <Field label={x.reason} error={s.error}>
          {(a) => <input {...a} class="input" required minLength={3} maxLength={200} value={reason} data-testid="strike-reason" onInput={(e) => setReason(e.currentTarget.value)} />}
        </Field>
        <div class="row dialog-buttons">
          <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
          <button type="submit" class="btn danger" aria-disabled={s.busy} data-testid="strike-yes">{x.strike}</button>
        </div>
      </form>
    </Dialog>
  );
}
