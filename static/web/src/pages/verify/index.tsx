import { useEffect, useState } from 'preact/hooks';
import { BadgeCheck, CircleX, FileClock } from 'lucide-preact';
import { setTitle } from '../../a11y';
import { api } from '../../api';
import type { PageProps } from '../../app';
import { lang, sentence } from '../../i18n';
import { Refusal } from '../../refusal';
import { formatClock, formatDate, formatNumber, formatSpan } from '../../time';
import { Masthead, Notice, Spinner } from '../../ui/parts';
import './verify.css';
import { w } from './words';

type State = 'valid' | 'superseded' | 'void';
interface Facts {
  number: string;
  revision: number;
  title: string;
  host: string;
  startsAt: string;
  endsAt: string;
  at: string;
  by: string;
  hash: string;
  key: string;
  state: State;
  voided?: string; // when the list was taken back
}
interface List extends Facts {
  people: number;
  newest: string;
}
interface Person extends Facts {
  name: string;
  nip: string;
  jp: number;
  meets: boolean;
  percent: number;
  jpNow: number;
}

/** The public page behind the QR of a paper: is it genuine, and does it count? Nothing can be searched here. */
export default function Verify({ event: number }: PageProps) {
  const [found, setFound] = useState<List | Person | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => setTitle(w.value.title, number), [w.value]);
  useEffect(() => {
    const abort = new AbortController();
    const key = location.hash.slice(1);
    const path = `/api/v/${encodeURIComponent(number)}`;
    const asked = key
      ? api<Person>('POST', path, { body: { key }, signal: abort.signal }) // the key stays out of every address
      : api<List>('GET', path, { signal: abort.signal });
    asked.then(setFound, (e: unknown) => !abort.signal.aborted && setError(e));
    return () => abort.abort();
  }, [number]);

  const x = w.value;
  if (error) {
    const unknown = error instanceof Refusal && error.kind === 'NotFound';
    return (
      <>
        <Masthead />
        <Notice icon={<CircleX size={44} aria-hidden="true" />} title={unknown ? x.unknown : sentence(error)} testid="verify-unknown">
          {unknown && <p>{x.unknownHint}</p>}
        </Notice>
      </>
    );
  }
  return (
    <>
      <Masthead />
      <main id="main" class="page vf">
        {found ? <Result found={found} /> : <Spinner />}
      </main>
    </>
  );
}

const ICON = { valid: BadgeCheck, superseded: FileClock, void: CircleX };

function Result({ found: f }: { found: List | Person }) {
  const x = w.value;
  const l = lang.value;
  const Icon = ICON[f.state];
  const person = 'name' in f ? f : null;
  const list = 'people' in f ? f : null;
  return (
    <article class={`card stack vf-card ${f.state}`} data-testid="verify" data-state={f.state}>
      <header class="vf-state">
        <Icon size={40} aria-hidden="true" />
        <div>
          <p class="vf-eyebrow">{x.title}</p>
          <h1>{x[f.state]}</h1>
        </div>
      </header>
      <p>{person ? (f.voided ? x.voidedPerson : x[`${f.state}Person`])(formatNumber(person.jpNow, l)) : x[`${f.state}List`]}</p>
      <dl class="vf-facts">
        {person && <Fact name={x.name} value={person.name} testid="verify-name" />}
        {person && <Fact name="NIP" value={person.nip || '–'} />}
        <Fact name={x.event} value={f.title} />
        <Fact name={x.date} value={`${formatDate(f.startsAt, l)}, ${formatSpan(f.startsAt, f.endsAt, l)}`} />
        {f.host && <Fact name={x.host} value={f.host} />}
        {person && <Fact name={x.credit} value={x.creditOf(person.jp, person.percent, person.meets)} strong testid="verify-jp" />}
        {list && <Fact name={x.people} value={x.peopleOf(formatNumber(list.people, l))} />}
        <Fact name={x.number} value={f.revision > 1 ? `${f.number} (${x.revision(f.revision)})` : f.number} mono />
        <Fact name={x.ratified} value={`${formatDate(f.at, l)}, ${formatClock(f.at, l)} WIB, ${f.by}`} />
        {f.voided && <Fact name={x.voided} value={`${formatDate(f.voided, l)}, ${formatClock(f.voided, l)} WIB`} strong testid="verify-voided" />}
        <Fact name="SHA-256" value={groups(f.hash)} mono />
        <Fact name={x.key} value={groups(f.key)} mono />
      </dl>
      <p class="small muted">{x.limit}</p>
    </article>
  );
}

function Fact(p: { name: string; value: string; mono?: boolean; strong?: boolean; testid?: string }) {
  return (
    <div>
      <dt>{p.name}</dt>
      <dd class={`${p.mono ? 'vf-mono' : ''}${p.strong ? ' strong' : ''}`} data-testid={p.testid}>{p.value}</dd>
    </div>
  );
}

/** In groups of eight, as the paper prints it. */
const groups = (hex: string): string => hex.replace(/(.{8})(?=.)/g, '$1 ');
