import { useState } from 'preact/hooks';
import { FileUp, Printer } from 'lucide-preact';
import { download } from '../../api';
import { lang, sentence } from '../../i18n';
import { formatClock, now } from '../../time';
import { Field } from '../../ui/parts';
import { toast } from '../staff/toast';
import type { TabProps } from './tab';
import { w } from './words';

const MAX = 6 << 20;
const LONGEST = 2000; // px of a photo's longer side: an A4 page stays readable

/** Makes a phone's photo small enough for a thin line; anything else goes as it is. */
async function smaller(file: File): Promise<Blob> {
  if (!file.type.startsWith('image/') || file.size < 700_000) return file;
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
    const c = document.createElement('canvas');
    c.width = Math.round(image.width * scale);
    c.height = Math.round(image.height * scale);
    c.getContext('2d')?.drawImage(image, 0, 0, c.width, c.height);
    return await new Promise<Blob>((done) => c.toBlob((b) => done(b ?? file), 'image/jpeg', 0.82));
  } catch {
    return file;
  }
}

/** "09.05" or "09:05" of the event's day in WIB, as Unix ms; NaN for anything else. */
function onDay(day: string, clock: string): number {
  const m = /^(\d{1,2})[.:](\d{2})$/.exec(clock.trim());
  if (!m || Number(m[1]) > 23 || Number(m[2]) > 59) return NaN;
  const wib = 7 * 3600_000;
  const start = Math.floor((Date.parse(day) + wib) / 86_400_000) * 86_400_000 - wib;
  return start + Number(m[1]) * 3600_000 + Number(m[2]) * 60_000;
}

/** The signed sheet: its picture, and who is on it. */
export function Paper(p: TabProps) {
  const e = p.desk.event;
  const [file, setFile] = useState<File | null>(null);
  const [from, setFrom] = useState(formatClock(e.liveSince || e.startsAt, lang.value));
  const [to, setTo] = useState(formatClock(Math.min(now(), Date.parse(e.endsAt)), lang.value));
  const [reason, setReason] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const x = w.value;
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const print = () => download(`/api/events/${p.event}/halls/${p.hall.id}/sheet.pdf`, p.token, 'lembar-presensi.pdf')
    .catch((err: unknown) => toast('error', x.printSheet, sentence(err)));
  const save = async (ev: Event) => {
    ev.preventDefault();
    if (busy) return;
    const [a, b] = [onDay(e.startsAt, from), onDay(e.startsAt, to)];
    if (!file || reason.trim().length < 3 || chosen.size === 0 || !(a < b)) return setError(x.paperNeeds);
    setBusy(true);
    try {
      const body = await smaller(file);
      if (body.size > MAX) return setError(x.fileBig);
      const name = await p.sender.addFile(p.hall.id, body);
      const ahead = Date.now() - now(); // this phone's clock against the server's
      for (const id of chosen) {
        const who = p.people.find((one) => one.id === id);
        for (const out of [false, true]) {
          await p.sender.add({
            hall: p.hall.id, person: id, nip: '', code: '', name: who?.name ?? '', out, how: 'paper', reason: reason.trim(), file: name,
            at: Math.min(out ? b : a, now()) + ahead,
          });
        }
      }
      toast('good', x.savedPaper(chosen.size));
      setChosen(new Set());
      setError('');
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="stack" onSubmit={(ev) => void save(ev)} noValidate>
      <p>{x.paperLead}</p>
      <button type="button" class="btn quiet" onClick={() => void print()} data-testid="paper-print">
        <Printer size={18} aria-hidden="true" />
        {x.printSheet}
      </button>
      <Field label={x.file} hint={x.fileHint}>
        {(a) => (
          <input {...a} class="input" type="file" accept="image/jpeg,image/png,application/pdf" data-testid="paper-file"
            onChange={(ev) => setFile(ev.currentTarget.files?.[0] ?? null)} />
        )}
      </Field>
      <div class="rb-times">
        <Field label={x.from}>
          {(a) => <input {...a} class="input num" value={from} onInput={(ev) => setFrom(ev.currentTarget.value)} data-testid="paper-from" />}
        </Field>
        <Field label={x.to}>
          {(a) => <input {...a} class="input num" value={to} onInput={(ev) => setTo(ev.currentTarget.value)} data-testid="paper-to" />}
        </Field>
      </div>
      <Field label={x.paperReason} hint={x.paperReasonHint}>
        {(a) => (
          <input {...a} class="input" maxLength={200} value={reason} onInput={(ev) => setReason(ev.currentTarget.value)} data-testid="paper-reason" />
        )}
      </Field>
      <fieldset class="rb-signed">
        <legend>{x.signed} <span class="muted">{x.chosen(chosen.size)}</span></legend>
        {p.people.map((one) => (
          <label key={one.id} class="rb-row">
            <input type="checkbox" checked={chosen.has(one.id)} onChange={() => toggle(one.id)} data-testid="paper-person" />
            <span class="grow"><strong>{one.name}</strong><span class="small muted">{one.nip} · {one.unit}</span></span>
          </label>
        ))}
      </fieldset>
      <div role="alert">{error && <p class="banner error">{error}</p>}</div>
      <button type="submit" class="btn" aria-disabled={busy} data-testid="paper-save">
        <FileUp size={18} aria-hidden="true" />
        {x.savePaper}
      </button>
    </form>
  );
}
