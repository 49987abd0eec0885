import { useMemo, useState } from 'preact/hooks';
import { History, LogIn, LogOut, Undo2 } from 'lucide-preact';
import { announce } from '../../a11y';
import { lang, sentence } from '../../i18n';
import { formatClock } from '../../time';
import { Dialog, Field } from '../../ui/parts';
import { Confirm } from '../staff/confirm';
import { toast } from '../staff/toast';
import { strike, type InHall, type Mark, type Person } from './data';
import { queue, type Queued } from './queue';
import type { TabProps } from './tab';
import { w } from './words';

const SHOWN = 60;

/** What counts when people search: letters and digits. */
const plain = (s: string): string => s.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

type Only = 'all' | 'none' | 'in';

interface Line extends Person {
  here: InHall | undefined;
  last: Queued | undefined; // not sent yet
}

/** Who is inside: by the last stay, and by what waits to be sent. */
function inside(l: Line): boolean {
  if (l.last) return !l.last.out;
  const s = l.here?.stays.at(-1);
  return Boolean(s?.noOut);
}

/** The people of the PIC, and everyone else who has a mark here. */
export function List(p: TabProps) {
  const [q, setQ] = useState('');
  const [reason, setReason] = useState(w.value.reasons[0] ?? '');
  const [nip, setNIP] = useState('');
  const [error, setError] = useState('');
  const [detail, setDetail] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const [only, setOnly] = useState<Only>('all');
  const x = w.value;
  const mine = queue.value.filter((m) => m.hall === p.hall.id && !m.refused);
  const here = new Map(p.hall.people.map((h) => [h.person, h]));
  const known = new Map(p.people.map((one) => [one.id, one]));
  for (const h of p.hall.people) if (!known.has(h.person)) known.set(h.person, { id: h.person, name: h.name, nip: h.nip, unit: h.unit });
  const lines: Line[] = [...known.values()].map((one) => ({
    ...one, here: here.get(one.id), last: mine.filter((m) => m.person === one.id).at(-1),
  }));
  const want = plain(q);
  // Who is shown is settled when the filter is: a row that moved away under the finger would mark the next one.
  const ids = useMemo(() => new Set(lines.filter((l) => {
    if (want && !plain(l.name + l.unit).includes(want)) return false;
    return only === 'all' || (only === 'in' ? inside(l) : !l.last && !l.here);
  }).map((l) => l.id)), [only, want, known.size]);
  const found = lines.filter((l) => ids.has(l.id)).sort((a, b) => a.name.localeCompare(b.name));
  const now = lines.filter(inside);
  const mark = async (who: { id?: string; nip?: string; name: string }, out: boolean) => {
    await p.sender.add({ hall: p.hall.id, person: who.id ?? '', nip: who.nip ?? '', code: '', name: who.name, out, how: 'list', reason, file: '' });
    announce(x.marked(who.name, out));
  };
  const byNIP = async (out: boolean) => {
    const digits = nip.replace(/\D/g, '');
    if (digits.length !== 18) return setError(x.nipLength);
    setError('');
    await mark({ nip: digits, name: `${digits.slice(0, 4)}••••${digits.slice(-2)}` }, out);
    setNIP('');
  };
  return (
    <div class="stack">
      <Field label={x.reason}>
        {(a) => (
          <select {...a} class="input" value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-testid="mark-reason">
            {x.reasons.map((r) => <option key={r} value={r}>{r}</option>)}
          </select>
        )}
      </Field>
      <Field label={x.search}>
        {(a) => (
          <input {...a} class="input" type="search" value={q} onInput={(e) => setQ(e.currentTarget.value)} data-testid="mark-search" />
        )}
      </Field>
      <div class="rb-only" role="group" aria-label={x.show}>
        {(['all', 'none', 'in'] as const).map((k) => (
          <button key={k} type="button" class={`btn small${only === k ? '' : ' quiet'}`} aria-pressed={only === k} onClick={() => setOnly(k)}
            data-testid={`only-${k}`}>
            {x.only[k]}
            <span class="num">{k === 'all' ? lines.length : k === 'in' ? now.length : lines.filter((l) => !l.last && !l.here).length}</span>
          </button>
        ))}
      </div>
      <ul class="rb-list">
        {found.slice(0, SHOWN).map((l) => (
          <Row key={l.id} l={l} onMark={(out) => void mark({ id: l.id, name: l.name }, out)} onDetail={() => setDetail(l.id)}
            onUndo={() => l.last && void p.sender.undo(l.last.entry)} />
        ))}
      </ul>
      {found.length === 0 && <p class="muted">{x.nobody}</p>}
      {found.length > SHOWN && <p class="muted">{x.more(found.length - SHOWN)}</p>}
      <fieldset class="card stack rb-nip">
        <Field label={x.nip} hint={x.nipHint} error={error}>
          {(a) => (
            <input {...a} class="input num" inputMode="numeric" autoComplete="off" maxLength={40} value={nip}
              onInput={(e) => setNIP(e.currentTarget.value)} data-testid="mark-nip" />
          )}
        </Field>
        <div class="row">
          <button type="button" class="btn" onClick={() => void byNIP(false)} data-testid="mark-nip-in">{x.in}</button>
          <button type="button" class="btn quiet" onClick={() => void byNIP(true)}>{x.out}</button>
        </div>
      </fieldset>
      {now.length > 0 && (
        <button type="button" class="btn quiet" onClick={() => setAll(true)} data-testid="mark-all-out">{x.allOut}</button>
      )}
      {all && (
        <Confirm title={x.allOut} text={x.allOutAsk(now.length)} button={x.allOut} testid="mark-all-out-confirm" onClose={() => setAll(false)}
          onYes={async () => {
            for (const l of now) await mark({ id: l.id, name: l.name }, true);
          }} />
      )}
      {detail && here.get(detail) && <Detail {...p} who={here.get(detail)!} onClose={() => setDetail(null)} />}
    </div>
  );
}

function Row({ l, onMark, onDetail, onUndo }: { l: Line; onMark: (out: boolean) => void; onDetail: () => void; onUndo: () => void }) {
  const x = w.value;
  const clock = (at: string | number) => formatClock(at, lang.value);
  const stay = l.here?.stays.at(-1);
  let state = x.notIn;
  if (l.last) state = `${l.last.out ? x.out : x.in} ${clock(l.last.at)}, ${x.queued}`;
  else if (stay?.noOut) state = x.since(clock(stay.from), stay.level);
  else if (stay) state = x.gone(clock(stay.from), clock(stay.to), stay.level);
  const is = inside(l);
  return (
    <li class={`rb-row${is ? ' in' : stay || l.last ? ' gone' : ''}`} data-testid="mark-row" data-person={l.id} data-state={is ? 'in' : 'out'}
      data-queued={String(Boolean(l.last))}>
      <div class="grow">
        <strong>{l.name}</strong>
        <span class="small muted"><span class="rb-nip-text">{l.nip}</span> · {l.unit}</span>
        <span class="small state">{state}</span>
      </div>
      {l.last && (
        <button type="button" class="btn bare icon small" aria-label={`${x.undo}: ${l.name}`} title={x.undo} onClick={onUndo}
          data-testid="mark-undo">
          <Undo2 size={18} aria-hidden="true" />
        </button>
      )}
      {l.here && !l.last && (
        <button type="button" class="btn bare icon small" aria-label={`${x.history}: ${l.name}`} title={x.history} onClick={onDetail}
          data-testid="mark-history">
          <History size={18} aria-hidden="true" />
        </button>
      )}
      <button type="button" class={`btn small${is ? ' quiet' : ''}`} aria-label={`${is ? x.out : x.in}: ${l.name}`}
        onClick={() => onMark(is)} data-testid={is ? 'mark-out' : 'mark-in'}>
        {is ? <LogOut size={16} aria-hidden="true" /> : <LogIn size={16} aria-hidden="true" />}
        {is ? x.out : x.in}
      </button>
    </li>
  );
}

/** One person's marks here; a wrong one is withdrawn with a reason. */
function Detail(p: TabProps & { who: InHall; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState('');
  const x = w.value;
  const withdraw = async (m: Mark) => {
    if (reason.trim().length < 3) return setError(x.strikeReason);
    try {
      await strike(p.event, p.token, p.hall.id, { entry: m.entry, reason: reason.trim() });
      await p.reload();
      setError('');
    } catch (e) {
      toast('error', x.strike, sentence(e));
    }
  };
  return (
    <Dialog title={p.who.name} onClose={p.onClose} cross testid="mark-detail">
      <Field label={x.strikeReason} error={error}>
        {(a) => <input {...a} class="input" maxLength={200} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />}
      </Field>
      <ol class="rb-marks">
        {p.who.marks.map((m) => (
          <li key={m.entry} class="row spread">
            <span class={m.struck ? 'struck' : ''}>
              {formatClock(m.at, lang.value)} {m.out ? x.markOut : x.markIn} ({m.level}){m.struck && `, ${x.struck}`}
            </span>
            {!m.struck && <button type="button" class="btn quiet small" onClick={() => void withdraw(m)}>{x.strike}</button>}
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
