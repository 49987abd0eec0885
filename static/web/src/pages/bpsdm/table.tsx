import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { Check, ChevronDown, ChevronRight, Hourglass } from 'lucide-preact';
import { lang } from '../../i18n';
import { formatClock, formatNumber } from '../../time';
import type { Event } from '../../wire.gen';
import type { Row, Sheet } from './data';
import { Detail, methodName } from './detail';
import { w } from './words';

/** The people, in the order delivered. Roles are written out: on a phone the table is laid out as blocks. */
export function Table({ sheet, token, event, onCorrected }: { sheet: Sheet; token: string; event: Event; onCorrected: () => void }) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const toggle = (no: number) => {
    const next = new Set(open);
    if (!next.delete(no)) next.add(no);
    setOpen(next);
  };
  const x = w.value;
  const heads = [x.no, x.nameNip, x.unitInstansi, x.region, x.in, x.out, x.duration, x.percent, x.method, 'JP', x.status];
  return (
    <div class="bp-table-wrap">
      <table class="bp-table" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {heads.map((h, i) => <th key={i} role="columnheader" scope="col" class={COLUMN[i]}>{h}</th>)}
            <th role="columnheader" scope="col" class="c-open"><span class="sr">{x.how}</span></th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {sheet.rows.map((r) => (
            <Fragment key={r.no}>
              <Line r={r} open={open.has(r.no)} onToggle={() => toggle(r.no)} />
              {open.has(r.no) && (
                <tr role="row" class="bp-detail-row" id={`d${r.no}`}>
                  <td role="cell" colSpan={heads.length + 1}><Detail r={r} token={token} event={event} live={sheet.live} onCorrected={onCorrected} /></td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const COLUMN = ['c-no', 'c-name', 'c-unit', 'c-region', 'c-in', 'c-out', 'c-dur', 'c-pct', 'c-how', 'c-jp', 'c-note'];

function Line({ r, open, onToggle }: { r: Row; open: boolean; onToggle: () => void }) {
  const x = w.value;
  const clock = (s: string) => (s ? formatClock(s, lang.value) : '–');
  return (
    <tr role="row" class={`bp-line ${open ? 'open' : ''}`} data-testid="att-row" data-no={r.no}
      onClick={() => {
        // A click anywhere opens the row, but not the one that ends a selection of text, say of a NIP.
        if (!getSelection()?.toString()) onToggle();
      }}>
      <td role="cell" class="c-no num">{r.no}</td>
      <th role="rowheader" scope="row" class="c-name">
        <span class="name">{r.name}</span>
        <span class="num nip">{r.nip || x.noNip}</span>
      </th>
      <td role="cell" class="c-unit">
        <span>{r.unit || '–'}</span>
        {r.instansi && <span class="small muted">{r.instansi}</span>}
        {r.region && <span class="small muted place">{r.region}</span>}
      </td>
      <td role="cell" class="c-region">{r.region || '–'}</td>
      <td role="cell" class="c-in num" data-label={x.in}>{clock(r.in)}</td>
      <td role="cell" class="c-out num" data-label={x.out}>
        {r.now ? <span class="bp-now">{x.stillIn}</span> : clock(r.out)}
      </td>
      <td role="cell" class="c-dur num" data-label={x.duration}>
        {r.seconds < 60
          ? x.seconds(String(r.seconds))
          : x.minutes(formatNumber(Math.floor(r.seconds / 60), lang.value))}
      </td>
      <td role="cell" class="c-pct num" data-label={x.percent}>
        <span>{r.percent} %</span>
        <span class={`bar ${r.meets ? '' : 'gold'}`} aria-hidden="true"><span style={{ width: `${r.percent}%` }} /></span>
      </td>
      <td role="cell" class="c-how" data-label={x.method}>{methodName(r.method)}</td>
      <td role="cell" class="c-jp num" data-label="JP">{r.jp}</td>
      <td role="cell" class="c-note">
        {r.meets ? (
          <span class="badge"><Check size={14} aria-hidden="true" />{x.meetsYes}</span>
        ) : (
          <span class="badge grey">{x.meetsNo}</span>
        )}
        {!r.verified && <span class="badge gold"><Hourglass size={13} aria-hidden="true" />{x.unverified}</span>}
      </td>
      <td role="cell" class="c-open">
        <button type="button" class="btn bare icon small" aria-expanded={open} aria-controls={open ? `d${r.no}` : undefined}
          aria-label={x.detail(r.name)} data-testid="att-detail"
          onClick={(e) => {
            e.stopPropagation(); // the row listens too
            onToggle();
          }}>
          {open ? <ChevronDown size={18} aria-hidden="true" /> : <ChevronRight size={18} aria-hidden="true" />}
        </button>
      </td>
    </tr>
  );
}
