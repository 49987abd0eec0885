import { useEffect, useState } from 'preact/hooks';
import { FileDown, KeyRound } from 'lucide-preact';
import { lang, sentence } from '../../i18n';
import { formatNumber } from '../../time';
import { Confirm } from '../staff/confirm';
import { useRun } from '../../ui/run';
import { toast } from '../staff/toast';
import { downloadSlips, getUnits, makeCodes, type Code, type Unit } from './data';
import { w } from './words';

/** Personal codes: made for one unit or all, shown once, to be printed as slips. */
export function Codes(p: { token: string; event: string }) {
  const [units, setUnits] = useState<Unit[] | null>(null);
  const [codes, setCodes] = useState<Code[] | null>(null);
  const [ask, setAsk] = useState<{ unit: string; all: boolean } | null>(null);
  const [closing, setClosing] = useState(false);
  const [busy, setBusy] = useState(false);
  const paper = useRun();
  const x = w.value;
  const n = (v: number) => formatNumber(v, lang.value);
  const load = () => getUnits(p.token, p.event).then(setUnits, (e: unknown) => toast('error', x.codes, sentence(e)));
  useEffect(() => void load(), []);

  const make = async (body: { unit?: string; all?: boolean; renew?: boolean }) => {
    if (busy) return;
    setBusy(true);
    try {
      const got = await makeCodes(p.token, p.event, body);
      if (got.length === 0) toast('info', x.everyoneHas);
      else setCodes(got);
      await load();
    } catch (e) {
      toast('error', x.codes, sentence(e));
    } finally {
      setBusy(false);
    }
  };
  if (codes) {
    return (
      <section aria-labelledby="ro-codes">
        <div class="row ro-screen ro-savebar">
          <div>
            <h2 id="ro-codes">{x.codes}</h2>
            <p class="small muted">{x.codesHint}</p>
          </div>
          <button type="button" class="btn" aria-disabled={paper.busy} data-testid="codes-print"
            onClick={() => paper.run(() => downloadSlips(p.token, p.event, codes))}>
            {paper.busy ? <span class="spinner" aria-hidden="true" /> : <FileDown size={18} aria-hidden="true" />}
            {x.print}
          </button>
          <button type="button" class="btn quiet" onClick={() => setClosing(true)} data-testid="codes-close">{x.closeCodes}</button>
        </div>
        <div role="alert">{paper.error && <p class="banner error">{paper.error}</p>}</div>
        <Sheets codes={codes} />
        {closing && (
          <Confirm title={x.closeCodes} text={x.closeAsk} button={x.closeCodes} testid="codes-close-confirm"
            onClose={() => setClosing(false)} onYes={() => setCodes(null)} />
        )}
      </section>
    );
  }
  const sum = (f: (u: Unit) => number) => (units ?? []).reduce((a, u) => a + f(u), 0);
  const all: Unit = { name: x.allUnits, people: sum((u) => u.people), coded: sum((u) => u.coded) };
  const line = (u: Unit, every: boolean) => {
    const name = u.name || x.noUnit;
    return (
      <li key={every ? ' ' : u.name} class="row ro-unit" data-testid={every ? 'codes-all' : 'codes-unit'}>
        <div class="grow">
          <strong>{name}</strong>
          <div class="small muted">{x.coded(n(u.coded), n(u.people))}</div>
        </div>
        {u.coded < u.people && (
          <button type="button" class="btn small" aria-disabled={busy} aria-label={`${x.make}: ${name}`} data-testid="codes-make"
            onClick={() => void make(every ? { all: true } : { unit: u.name })}>
            <KeyRound size={16} aria-hidden="true" />
            {x.make}
          </button>
        )}
        {u.coded > 0 && (
          <button type="button" class="btn quiet small" aria-disabled={busy} aria-label={`${x.renew}: ${name}`}
            data-testid="codes-renew" onClick={() => setAsk({ unit: u.name, all: every })}>
            {x.renew}
          </button>
        )}
      </li>
    );
  };
  return (
    <section class="card ro-card stack ro-screen" aria-labelledby="ro-codes">
      <h2 id="ro-codes">{x.codes}</h2>
      <p class="muted">{x.codesHint}</p>
      {units && units.length === 0 && <p class="muted" data-testid="codes-none">{x.codesNone}</p>}
      {units && units.length > 0 && (
        <ul class="ro-units">
          {line(all, true)}
          {units.map((u) => line(u, false))}
        </ul>
      )}
      {ask && (
        <Confirm title={x.renew} text={x.renewAsk(ask.all ? x.allUnits : ask.unit || x.noUnit)} button={x.renew} testid="codes-renew-confirm"
          onClose={() => setAsk(null)} onYes={() => make(ask.all ? { all: true, renew: true } : { unit: ask.unit, renew: true })} />
      )}
    </section>
  );
}

/** The codes as they stand on the slips, unit by unit. */
function Sheets({ codes }: { codes: Code[] }) {
  const units: { name: string; codes: Code[] }[] = [];
  for (const c of codes) {
    const last = units[units.length - 1];
    if (last && last.name === c.unit) last.codes.push(c);
    else units.push({ name: c.unit, codes: [c] });
  }
  return (
    <div data-testid="codes-sheet">
      {units.map((u) => (
        <section key={u.name} class="ro-page">
          <h3>{u.name || w.value.noUnit}</h3>
          <ul class="ro-slips">
            {u.codes.map((c) => (
              <li key={c.code} data-testid="code-slip">
                <span>{c.name}</span>
                <span class="num small">{c.nip}</span>
                <strong class="ro-code">{c.code}</strong>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
