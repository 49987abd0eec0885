import { useState } from 'preact/hooks';
import { BadgeCheck, Ban, FileDown, Lock, Stamp } from 'lucide-preact';
import { download, type Ratified } from '../../api';
import { lang, sentence, t } from '../../i18n';
import { formatClock, formatDate, formatNumber } from '../../time';
import { Dialog, Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import type { Event } from '../../wire.gen';
import { CopyButton } from '../staff/copy';
import { toast } from '../staff/toast';
import { pathOf } from './data';
import { Copies } from './copies';
import { keepWho, lastWho, ratify, type Ratification } from './deskdata';
import { w } from './deskwords';
import { CardHead } from './head';
import { VoidList } from './void';

/** "Tetapkan kehadiran": what it freezes, and what was ratified. */
export function RatifyPanel(p: { token: string; event: Event; data: Ratification; again: () => void }) {
  const [asking, setAsking] = useState(false);
  const [voiding, setVoiding] = useState(false);
  const x = w.value;
  const d = p.data;
  const newest = d.lists[0]?.void ? undefined : d.lists[0];
  const older = newest ? d.lists.slice(1) : d.lists;
  const why = !d.ended ? x.notEnded : d.counting ? x.counting : '';
  return (
    <section class="card rt" aria-labelledby="rt-head" data-testid="ratify">
      <CardHead icon={newest ? BadgeCheck : Stamp} id="rt-head" title={newest ? x.ratified : d.lists[0]?.void ? x.voided : x.title} testid="ratify-why"
        note={newest ? (d.decisions > 0 ? x.decided(d.decisions) : x.frozen) : why || x.ready(formatNumber(d.people, lang.value))}>
        <button type="button" class={`btn${newest ? ' quiet' : ''}`} disabled={why !== ''} onClick={() => setAsking(true)}
          data-testid="ratify-open">
          <Lock size={18} aria-hidden="true" />
          {newest ? x.revise : x.title}
        </button>
      </CardHead>
      {newest && <Newest token={p.token} event={p.event} list={newest} onVoid={() => setVoiding(true)} />}
      {older.length > 0 && (
        <details class="rt-older" open={!newest}>
          <summary>{x.older(older.length)}</summary>
          <ul>
            {older.map((l) => (
              <li key={l.number} class="small">
                {x.revision(l.revision)}, {formatDate(l.at, lang.value)} {formatClock(l.at, lang.value)} WIB, {l.by}: {l.reason} ·{' '}
                <a href={`/v/${l.number}`} target="_blank" rel="noreferrer">{l.number}</a>
                {l.void && <p class="rt-void" data-testid="ratify-voided">{x.voidedBy(formatDate(l.void.at, lang.value), l.void.who, l.void.reason)}</p>}
              </li>
            ))}
          </ul>
        </details>
      )}
      <Copies data={d} />
      {voiding && newest && (
        <VoidList token={p.token} event={p.event} list={newest} onClose={() => setVoiding(false)}
          onDone={() => {
            setVoiding(false);
            p.again();
          }} />
      )}
      {asking && (
        <Ask {...p} onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            p.again();
          }} />
      )}
    </section>
  );
}

function Newest({ token, event, list, onVoid }: { token: string; event: Event; list: Ratified; onVoid: () => void }) {
  const x = w.value;
  const l = lang.value;
  return (
    <>
      <dl class="rt-facts">
        <div><dt>{x.when}</dt><dd>{formatDate(list.at, l)}, {formatClock(list.at, l)} WIB</dd></div>
        <div><dt>{x.by}</dt><dd>{list.by}</dd></div>
        <div><dt>{x.ground}</dt><dd>{list.reason}</dd></div>
        <div><dt>{x.number}</dt><dd class="rt-mono">{list.number}{list.revision > 1 && ` (${x.revision(list.revision)})`}</dd></div>
        <div>
          <dt>{x.hash}</dt>
          <dd class="rt-mono" data-testid="ratify-hash">{list.hash} <CopyButton value={list.hash} label={x.hash} /></dd>
        </div>
        <div>
          <dt>{x.key}</dt>
          <dd class="rt-mono">{list.key} <CopyButton value={list.key} label={x.key} /></dd>
        </div>
      </dl>
      <p class="row">
        <a class="btn quiet small" href={`/v/${list.number}`} target="_blank" rel="noreferrer" data-testid="ratify-page">
          <BadgeCheck size={16} aria-hidden="true" />
          {x.page}
        </a>
        <button type="button" class="btn quiet small" data-testid="dl-signed"
          onClick={() =>
            download(`${pathOf(event.id)}/document.json`, token, `kehadiran-${event.id}.json`).catch((e: unknown) =>
              toast('error', x.signed, sentence(e)))}>
          <FileDown size={16} aria-hidden="true" />
          {x.signed}
        </button>
        <button type="button" class="btn bare small" onClick={onVoid} data-testid="void-open">
          <Ban size={16} aria-hidden="true" />
          {x.void}
        </button>
      </p>
      <p class="small muted">{x.limit}</p>
    </>
  );
}

function Ask(p: { token: string; event: Event; data: Ratification; onClose: () => void; onDone: () => void }) {
  const x = w.value;
  const d = p.data;
  const revision = (d.absent ?? d.lists[0] ?? { revision: 0 }).revision + 1;
  const [by, setBy] = useState(lastWho());
  const [reason, setReason] = useState('');
  const [order, setOrder] = useState(d.lists[0]?.order ?? '');
  const s = useRun();
  const send = (e: SubmitEvent) => {
    e.preventDefault();
    s.run(async () => {
      await ratify(p.token, p.event.id, { by, reason, order });
      keepWho(by);
      toast('good', x.done);
      p.onDone();
    });
  };
  return (
    <Dialog title={revision > 1 ? x.revise : x.title} onClose={p.onClose} testid="ratify-dialog">
      <p>{x.freezes(p.event.title, formatNumber(d.people, lang.value), formatNumber(d.meets, lang.value))}</p>
      <ul class="rt-list">
        <li>{x.freeze1}</li>
        <li>{x.freeze2}</li>
        <li>{revision > 1 ? x.freezeRevision(revision) : x.freeze3}</li>
      </ul>
      {d.pending > 0 && <p class="banner">{x.pending(d.pending)}</p>}
      <form class="stack" onSubmit={send}>
        <Field label={x.by} hint={x.byHint}>
          {(a) => <input {...a} class="input" required minLength={3} maxLength={300} value={by} data-testid="ratify-by" onInput={(e) => setBy(e.currentTarget.value)} />}
        </Field>
        <Field label={x.ground} hint={x.groundHint} error={s.error}>
          {(a) => <input {...a} class="input" required minLength={3} maxLength={300} value={reason} data-testid="ratify-reason" onInput={(e) => setReason(e.currentTarget.value)} />}
        </Field>
        <Field label={x.order}>
          {(a) => (
            <select {...a} class="input" value={order} onChange={(e) => setOrder(e.currentTarget.value)}>
              <option value="">{x.orderUnit}</option>
              <option value="protocol">{x.orderProtocol}</option>
            </select>
          )}
        </Field>
        <div class="row dialog-buttons">
          <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
          <button type="submit" class="btn" aria-disabled={s.busy} data-testid="ratify-yes">
            <Lock size={18} aria-hidden="true" />
            {revision > 1 ? x.revise : x.title}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
