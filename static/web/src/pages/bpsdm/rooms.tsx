import { useState } from 'preact/hooks';
import { DoorOpen, FileDown } from 'lucide-preact';
import { download } from '../../api';
import { lang } from '../../i18n';
import { formatClock, formatDate, formatNumber } from '../../time';
import { Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { CopyButton } from '../staff/copy';
import { makePIC, sheetOf, type HallInfo, type Halls } from './halldata';
import { w } from './hallwords';
import { CardHead } from './head';
import { Marks } from './marks';

const n = (v: number): string => formatNumber(v, lang.value);

/** The halls of an event, their marks, and how a PIC gets one. */
export function Rooms(p: { token: string; event: string; data: Halls; again: () => void }) {
  const x = w.value;
  const { halls, until } = p.data;
  return (
    <section class="card rt" aria-labelledby="rm-head" data-testid="rooms">
      <CardHead icon={DoorOpen} id="rm-head" title={x.rooms} note={halls.length > 0
        ? x.roomsLead(n(halls.length), `${formatDate(until, lang.value)} ${formatClock(until, lang.value)}`)
        : x.roomsNone} />
      <ul class="kr-list">
        {halls.map((h) => <Room key={h.id} h={h} {...p} />)}
      </ul>
      <div class="rm-tools">
        <details class="rt-older">
          <summary>{x.newPIC}</summary>
          <NewPIC {...p} />
        </details>
        <details class="rt-older">
          <summary>{x.printSheet}</summary>
          <UnitSheet {...p} />
        </details>
      </div>
    </section>
  );
}

function Room(p: { h: HallInfo; token: string; event: string; again: () => void }) {
  const { h } = p;
  const x = w.value;
  const [open, setOpen] = useState(false);
  return (
    <li class="kr-item" data-testid="room" data-hall={h.id}>
      <div class="fl-head">
        <h3>{[h.name, h.place].filter(Boolean).join(', ')}</h3>
        <span class={`badge ${h.closed ? 'grey' : ''}`}>{h.closed ? x.closed : x.open}</span>
      </div>
      <dl class="rm-nums">
        <div><dt>{x.pic}</dt><dd>{h.pic}</dd></div>
        <div><dt>{x.screens}</dt><dd>{h.screens === 0 ? x.screenNone : h.receiving ? x.screenOn(n(h.screens)) : x.screenOff(n(h.screens))}</dd></div>
        <div><dt>{x.inside}</dt><dd class="num">{n(h.inside)}</dd></div>
        <div><dt>{x.left}</dt><dd class="num">{n(h.left)}</dd></div>
        <div><dt>{x.levels}</dt><dd class="num">{h.byLevel.map(n).join(' · ')}</dd></div>
      </dl>
      <details class="rt-older" onToggle={(e) => setOpen(e.currentTarget.open)}>
        <summary data-testid="room-marks">{x.marks}<span class="sr">: {h.name}</span></summary>
        {open && <Marks token={p.token} event={p.event} hall={h.id} again={p.again} />}
      </details>
    </li>
  );
}

function NewPIC(p: { token: string; event: string }) {
  const x = w.value;
  const [name, setName] = useState('');
  const [slice, setSlice] = useState('');
  const [made, setMade] = useState<{ link: string; code: string } | null>(null);
  const s = useRun();
  const send = (e: SubmitEvent) => {
    e.preventDefault();
    s.run(async () => setMade(await makePIC(p.token, p.event, { name, slice })));
  };
  return (
    <form class="rm-form" onSubmit={send}>
      <Field label={x.picName} hint={x.picNameHint} error={s.error}>
        {(a) => <input {...a} class="input" required minLength={2} maxLength={120} value={name} data-testid="pic-name" onInput={(e) => setName(e.currentTarget.value)} />}
      </Field>
      <Field label={x.slice} hint={x.sliceHint}>
        {(a) => <input {...a} class="input" maxLength={120} value={slice} data-testid="pic-slice" onInput={(e) => setSlice(e.currentTarget.value)} />}
      </Field>
      <p class="kr-wide"><button type="submit" class="btn" aria-disabled={s.busy} data-testid="pic-make">{x.make}</button></p>
      {made && (
        <div class="kr-wide" role="status" data-testid="pic-made">
          <dl class="rt-facts">
            <div><dt>{x.code}</dt><dd class="rt-mono">{made.code} <CopyButton value={made.code} label={x.code} /></dd></div>
            <div><dt>{x.link}</dt><dd class="rt-mono">{made.link} <CopyButton value={made.link} label={x.link} /></dd></div>
          </dl>
          <p class="small muted">{x.once}</p>
        </div>
      )}
    </form>
  );
}

function UnitSheet(p: { token: string; event: string }) {
  const x = w.value;
  const [unit, setUnit] = useState('');
  const s = useRun();
  const get = (e: SubmitEvent) => {
    e.preventDefault();
    s.run(() => download(sheetOf(p.event, unit), p.token, `lembar-presensi-${p.event}.pdf`));
  };
  return (
    <form class="rm-form" onSubmit={get}>
      <Field label={x.unit} hint={x.sliceHint} error={s.error}>
        {(a) => <input {...a} class="input" maxLength={120} value={unit} data-testid="sheet-unit" onInput={(e) => setUnit(e.currentTarget.value)} />}
      </Field>
      <p class="rm-end">
        <button type="submit" class="btn quiet" aria-disabled={s.busy} data-testid="sheet-get"><FileDown size={18} aria-hidden="true" />{x.print}</button>
      </p>
    </form>
  );
}
