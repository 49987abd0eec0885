import { useState } from 'preact/hooks';
import { Download, Save } from 'lucide-preact';
import { lang, sentence } from '../../i18n';
import { formatNumber } from '../../time';
import { toast } from '../staff/toast';
import { problemsFile, type Result, type Sample } from './data';
import { w } from './words';

const SHOWN = 50;

/** What a list holds: sums, bad rows, warnings, the first rows as they would be saved. */
export function Preview(p: { result: Result; token: string; event: string; file: File; busy: boolean; onSave: () => void }) {
  const r = p.result;
  const x = w.value;
  const n = (v: number) => formatNumber(v, lang.value);
  const tiles: [string, number, string][] = [
    [x.people, r.people, 'people'],
    [x.fresh, r.new, 'new'],
    [x.changed, r.changed, 'changed'],
    [x.same, r.same, 'same'],
    [x.doubles, r.doubles, 'doubles'],
    [x.refused, r.refused, 'refused'],
  ];
  return (
    <div class="stack" data-testid="roster-result" data-result={r.result}>
      {r.result === 'preview' && (
        <div class="row ro-savebar">
          <div>
            <h3>{x.preview}</h3>
            <p class="small muted">{x.previewHint}</p>
          </div>
          <button type="button" class="btn" aria-disabled={p.busy || r.people === 0} data-testid="roster-save"
            onClick={() => r.people > 0 && p.onSave()}>
            <Save size={18} aria-hidden="true" />
            {x.save(n(r.people))}
          </button>
        </div>
      )}
      <dl class="ro-tiles">
        {tiles.map(([label, value, key]) => (
          <div key={key} class={key === 'refused' && value > 0 ? 'bad' : ''}>
            <dt>{label}</dt>
            <dd class="num" data-testid={`roster-${key}`}>{n(value)}</dd>
          </div>
        ))}
      </dl>
      <h3>{x.sheets}</h3>
      <ul class="ro-sheets small">
        {r.tables.map((t, i) => (
          <li key={i}>
            <strong>{x.sheet(t.name)}</strong>: {t.header ? x.headerAt(n(t.header), n(t.rows)) : x.noHeader}
            {t.columns.length > 0 && <span class="muted"> ({t.columns.map((c) => c.header).join(' · ')})</span>}
            {t.refused.length > 0 && <div class="muted">{x.notRead(t.refused.join(', '))}</div>}
          </li>
        ))}
      </ul>
      {r.refused > 0 && <Problems {...p} />}
      {r.warnings.length > 0 && (
        <>
          <h3>{x.warnings}</h3>
          <ul class="small">
            {r.warnings.map((v) => <li key={v.code}><span class="num">{n(v.n)}</span> × {v.message}</li>)}
          </ul>
        </>
      )}
      {r.samples.length > 0 && r.result === 'preview' && <Samples rows={r.samples} />}
    </div>
  );
}

function Problems(p: { result: Result; token: string; event: string; file: File }) {
  const [busy, setBusy] = useState(false);
  const x = w.value;
  const r = p.result;
  const n = (v: number) => formatNumber(v, lang.value);
  const get = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const url = URL.createObjectURL(await problemsFile(p.token, p.event, p.file));
      const a = document.createElement('a');
      a.href = url;
      a.download = `baris-bermasalah-${p.event}.xlsx`;
      document.body.append(a);
      a.click();
      a.remove();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (e) {
      toast('error', x.problemsGet, sentence(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div class="row ro-savebar">
        <div>
          <h3>{x.problems}</h3>
          <p class="small muted">{x.problemsHint}</p>
        </div>
        <button type="button" class="btn quiet" aria-disabled={busy} onClick={() => void get()} data-testid="roster-problems">
          <Download size={18} aria-hidden="true" />
          {x.problemsGet}
        </button>
      </div>
      <div class="ro-scroll" tabIndex={0} role="region" aria-label={x.problems}>
        <table class="ro-table ro-stacked" role="table">
          <thead role="rowgroup"><tr role="row"><th role="columnheader" class="num">{x.row}</th><th role="columnheader">{x.what}</th><th role="columnheader">{x.content}</th></tr></thead>
          <tbody role="rowgroup">
            {r.problems.slice(0, SHOWN).map((q, i) => (
              <tr role="row" key={i} data-testid="roster-problem">
                <td role="cell" class="num" data-label={x.row}>{n(q.row)}{q.sheet && r.tables.length > 1 && <div class="muted small">{q.sheet}</div>}</td>
                <td role="cell">{q.message}{q.other ? ` (${x.otherRow(n(q.other))})` : ''}</td>
                <td role="cell" class="muted">{q.cells.filter(Boolean).join(' · ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {r.refused > SHOWN && <p class="small muted">{x.problemsMore(n(r.refused - SHOWN))}</p>}
    </>
  );
}

function Samples({ rows }: { rows: Sample[] }) {
  const x = w.value;
  const state = { new: x.state_new, changed: x.state_changed, same: x.state_same };
  return (
    <>
      <h3>{x.samples}</h3>
      <div class="ro-scroll" tabIndex={0} role="region" aria-label={x.samples}>
        <table class="ro-table ro-stacked" role="table">
          <thead role="rowgroup">
            <tr role="row"><th role="columnheader" class="num">{x.row}</th><th role="columnheader">{x.name}</th><th role="columnheader">NIP</th><th role="columnheader">{x.grade}</th><th role="columnheader">{x.unit}</th><th role="columnheader">{x.instansi}</th><th role="columnheader">{x.region}</th></tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((s) => (
              <tr role="row" key={s.row}>
                <td role="cell" class="num" data-label={x.row}>{s.row}</td>
                <td role="cell">
                  <span class="muted">{s.front} </span>{s.name}<span class="muted">{s.back && `, ${s.back}`}</span>
                  <div class="small muted">{state[s.state]} · {s.kind.replace('_', ' ')}</div>
                </td>
                <td role="cell" class="num" data-label="NIP">{s.nip}</td>
                <td role="cell" data-label={s.grade && x.grade}>{s.grade}</td>
                <td role="cell" data-label={x.unit}>{s.unit}<div class="small muted">{s.position}</div></td>
                <td role="cell" data-label={s.instansi && x.instansi}>{s.instansi}</td>
                <td role="cell" data-label={s.region && x.region}>{s.region}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
