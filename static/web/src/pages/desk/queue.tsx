import { useId, useMemo, useState } from 'preact/hooks';
import { Inbox, Search } from 'lucide-preact';
import { lang } from '../../i18n';
import { bySupport, questions, shown, stage } from '../../store/state';
import { formatNumber } from '../../time';
import { Tabs } from '../../ui/parts';
import type { Question } from '../../wire.gen';
import type { Actions } from './actions';
import { Card, Shown } from './card';
import { nearest, type Match } from './similar';
import { useWide } from './wide';
import { w } from './words';

type Pile = 'pending' | 'approved' | 'answered' | 'rejected' | 'merged';
const SETTLED: Pile[] = ['approved', 'answered', 'rejected', 'merged'];
const STEP = 60; // cards drawn at a time

const number = (q: Question): number => Number(q.id.slice(1));

/** The moderation queue: what waits on the left, the rest in tabs beside it; on a narrow screen all in tabs. */
export function Queue({ actions, narrow = false }: { actions: Actions; narrow?: boolean }) {
  const [filter, setFilter] = useState('');
  const [tab, setTab] = useState<Pile>('pending');
  const two = useWide('(min-width: 1180px)') && !narrow;
  const base = useId();
  const all = questions.value;
  const onStage = stage.value.question;
  const x = w.value;

  const piles = useMemo(() => {
    const p: Record<Pile, Question[]> = { pending: [], approved: [], answered: [], rejected: [], merged: [] };
    for (const q of all.values()) if (q.status in p && q.id !== onStage) p[q.status as Pile].push(q);
    p.pending.sort((a, b) => number(a) - number(b)); // who asked first is read first
    p.approved.sort(bySupport);
    for (const k of ['answered', 'rejected', 'merged'] as const) p[k].sort((a, b) => number(b) - number(a));
    return p;
  }, [all, onStage]);

  const alike = useMemo(() => {
    const open = [...all.values()].filter((q) => q.status === 'approved' || q.status === 'pending');
    const found = new Map<string, Match<Question> | null>();
    for (const q of piles.pending.slice(0, STEP)) {
      // Only older ones: of a pair of newcomers the later is the duplicate.
      found.set(q.id, nearest(q, open.filter((o) => o.status === 'approved' || number(o) < number(q))));
    }
    return found;
  }, [all, piles]);

  const needle = filter.trim().toLowerCase();
  const pick = (pile: Pile) => (needle ? piles[pile].filter((q) => q.text.toLowerCase().includes(needle)) : piles[pile]);
  const count = (pile: Pile) => <span class={`count num ${pile === 'pending' && piles[pile].length > 0 ? 'some' : ''}`}>{formatNumber(piles[pile].length, lang.value)}</span>;
  const list = (pile: Pile) => (
    <Pane key={pile} pile={pile} list={pick(pile)} filtered={needle !== ''} alike={alike} actions={actions} />
  );
  const tabs = two ? SETTLED : (['pending', ...SETTLED] as Pile[]);
  const current: Pile = two && tab === 'pending' ? 'approved' : tab;
  return (
    <section class="queue" aria-label={x.queue}>
      {shown.value ? (
        <Shown key={shown.value.id} q={shown.value} actions={actions} />
      ) : (
        <p class="q-shown none small muted">{x.shownNone}</p>
      )}
      <div class={`panes ${two ? 'two' : ''}`}>
        {two && (
          <section class="pane" aria-labelledby={`${base}-w`}>
            <div class="pane-head">
              <h2 id={`${base}-w`}>{x.pending} {count('pending')}</h2>
              <Filter value={filter} onInput={setFilter} />
            </div>
            {list('pending')}
          </section>
        )}
        <section class="pane" aria-label={x.lists}>
          <Tabs label={x.lists} value={current} onChange={setTab} panel={() => `${base}-p`}
            tabs={tabs.map((k) => ({ key: k, label: <>{x[k]} {count(k)}</>, testid: `tab-${k}` }))} />
          <div id={`${base}-p`} role="tabpanel" aria-label={x[current]} class="pane-body">
            {!two && <Filter value={filter} onInput={setFilter} />}
            {list(current)}
          </div>
        </section>
      </div>
    </section>
  );
}

function Filter({ value, onInput }: { value: string; onInput: (v: string) => void }) {
  return (
    <div class="q-filter">
      <Search size={16} aria-hidden="true" />
      <input class="input" type="text" inputMode="search" placeholder={w.value.filter} aria-label={w.value.filter}
        value={value} onInput={(e) => onInput(e.currentTarget.value)} data-testid="q-filter" />
    </div>
  );
}

function Pane(p: {
  pile: Pile;
  list: Question[];
  filtered: boolean;
  alike: Map<string, Match<Question> | null>;
  actions: Actions;
}) {
  const [most, setMost] = useState(STEP);
  const x = w.value;
  if (p.list.length === 0) {
    return (
      <div class="q-none" data-testid={`none-${p.pile}`}>
        <Inbox size={28} aria-hidden="true" />
        <p>{p.filtered ? x.none_filter : x[`none_${p.pile}`]}</p>
        {p.pile === 'pending' && !p.filtered && <p class="small muted">{x.none_pendingHint}</p>}
      </div>
    );
  }
  return (
    <>
      <ul class="q-list" data-testid={`list-${p.pile}`}>
        {p.list.slice(0, most).map((q) => <Card key={q.id} q={q} actions={p.actions} alike={p.alike.get(q.id) ?? null} />)}
      </ul>
      {p.list.length > most && (
        <button type="button" class="btn quiet small" onClick={() => setMost(most + STEP)}>
          {x.moreCards(String(Math.min(STEP, p.list.length - most)))}
        </button>
      )}
    </>
  );
}
