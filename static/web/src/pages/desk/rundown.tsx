import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ArrowDown, ArrowUp, ListOrdered, Music, Pencil, Plus, SkipForward, Trash2, Undo2 } from 'lucide-preact';
import { announce } from '../../a11y';
import { lang, sentence, t } from '../../i18n';
import { Refusal } from '../../refusal';
import type { Socket } from '../../socket';
import { agenda, cueNow, event, may } from '../../store/state';
import { formatElapsed, formatNumber, now, second } from '../../time';
import { Dialog, Field } from '../../ui/parts';
import { MaxCueTitle, type Cue, type CuePut } from '../../wire.gen';
import { toast } from '../staff/toast';
import { w } from './words';

const NEW: CuePut = { id: '', title: '', minutes: 5, counts: true, music: false, cast: '', layout: '' };
const CAST = ['mc', 'vip', 'speaker', 'moderator', 'participant', 'operator'] as const;

/** The present cue with its time, the next one by one button, and the way back. */
export function Rundown({ socket }: { socket: Socket }) {
  const [editing, setEditing] = useState<CuePut | null>(null);
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const a = agenda.value;
  const x = w.value;
  const at = a.cues.findIndex((c) => c.id === a.now);
  const next = a.cues[at + 1];
  const over = event.value?.phase === 'ended';
  void second.value;
  const run = async (what: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(true);
    try {
      await what();
    } catch (e) {
      toast(e instanceof Refusal && e.code === 'cue_moved' ? 'info' : 'error', x.cueFailed, sentence(e));
    } finally {
      setBusy(false);
    }
  };
  const start = (c: Cue) => run(async () => {
    await socket.request('cue', { cue: c.id, from: a.now });
    announce(c.title);
  });
  const brief = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const list = brief.current;
    const li = list?.querySelector<HTMLElement>('.now');
    if (list && li) list.scrollTop = li.offsetTop - list.offsetTop - list.clientHeight / 3;
  }, [a.now, open]);
  const spent = cueNow.value ? now() - a.since : 0;
  const late = cueNow.value && cueNow.value.minutes > 0 && spent > cueNow.value.minutes * 60_000;
  return (
    <section class="rundown" aria-labelledby="rundown-h" data-testid="rundown">
      <div class="row spread">
        <h2 id="rundown-h"><ListOrdered size={18} aria-hidden="true" />{x.rundown}</h2>
        {a.cues.length > 0 && (
          <button type="button" class="btn bare small" aria-expanded={open} onClick={() => setOpen(!open)} data-testid="rundown-open">
            {open ? x.rundownLess : x.rundownAll(String(a.cues.length))}
          </button>
        )}
      </div>
      {cueNow.value && (
        <p class={`cue-card ${late ? 'late' : ''}`} data-testid="desk-cue">
          <strong>{cueNow.value.title}</strong>
          <span class="num">
            {formatElapsed(spent)}{cueNow.value.minutes > 0 && <> / {x.minutes(formatNumber(cueNow.value.minutes, lang.value))}</>}
          </span>
          <Marks cue={cueNow.value} />
        </p>
      )}
      {a.cues.length === 0 && may('cueput') && !over && (
        <div class="row">
          <button type="button" class="btn quiet small" aria-disabled={busy} data-testid="rundown-template" onClick={() => void run(async () => {
            for (const c of x.template) await socket.request('cueput', { ...NEW, ...c });
          })}>
            {x.rundownTemplate}
          </button>
        </div>
      )}
      {!over && may('cue') && a.cues.length > 0 && (
        <div class="row cue-go">
          {next && (
            <button type="button" class="btn" aria-disabled={busy} onClick={() => void start(next)} data-testid="cue-next">
              <SkipForward size={18} aria-hidden="true" />
              <span>{a.now ? x.cueNext : x.cueFirst}: {next.title}</span>
            </button>
          )}
          {a.undo && (
            <button type="button" class="btn quiet icon" aria-disabled={busy} aria-label={x.cueUndo} title={x.cueUndo}
              onClick={() => void run(() => socket.request('cueback', { cue: a.now }))} data-testid="cue-undo">
              <Undo2 size={18} aria-hidden="true" />
            </button>
          )}
        </div>
      )}
      {!open && a.cues.length > 0 && (
        <ol class="cues brief" tabIndex={0} aria-label={x.rundown} ref={brief} data-testid="cues-brief">
          {a.cues.map((c, i) => (
            <li key={c.id} class={c.id === a.now ? 'now' : i < at ? 'past' : ''} aria-current={c.id === a.now ? 'step' : undefined}>
              <span class="num" aria-hidden="true">{i + 1}</span>
              <span class="name">{c.title}</span>
              {c.minutes > 0 && <span class="num small muted">{x.minutes(String(c.minutes))}</span>}
            </li>
          ))}
        </ol>
      )}
      {(open || (a.cues.length === 0 && !over)) && (
        <>
          <ol class="cues">
            {a.cues.map((c, i) => (
              <li key={c.id} class={c.id === a.now ? 'now' : ''} data-testid="cue" data-id={c.id}>
                <span class="who">
                  <strong>{c.title}</strong>
                  <span class="small muted">{c.minutes > 0 ? x.minutes(String(c.minutes)) : x.cueOpen} <Marks cue={c} /></span>
                </span>
                {may('cueput') && !over && (
                  <span class="row acts">
                    <IconButton label={`${x.cueUp}: ${c.title}`} off={i === 0} onClick={() => run(() => socket.request('cuemove', { cue: c.id, to: i - 1 }))}>
                      <ArrowUp size={16} aria-hidden="true" />
                    </IconButton>
                    <IconButton label={`${x.cueDown}: ${c.title}`} off={i === a.cues.length - 1}
                      onClick={() => run(() => socket.request('cuemove', { cue: c.id, to: i + 1 }))}>
                      <ArrowDown size={16} aria-hidden="true" />
                    </IconButton>
                    <IconButton label={`${x.cueEdit}: ${c.title}`} onClick={() => setEditing({ ...c })}><Pencil size={16} aria-hidden="true" /></IconButton>
                    <IconButton label={`${x.cueDrop}: ${c.title}`} off={c.id === a.now}
                      onClick={() => run(() => socket.request('cuedrop', { cue: c.id }))}>
                      <Trash2 size={16} aria-hidden="true" />
                    </IconButton>
                    {may('cue') && c.id !== a.now && (
                      <button type="button" class="btn quiet small" onClick={() => void start(c)} data-testid="cue-start">{x.cueStart}</button>
                    )}
                  </span>
                )}
              </li>
            ))}
          </ol>
          {may('cueput') && !over && (
            <button type="button" class="btn quiet small" onClick={() => setEditing(NEW)} data-testid="cue-add">
              <Plus size={16} aria-hidden="true" />{x.cueAdd}
            </button>
          )}
        </>
      )}
      {editing && <CueForm cue={editing} socket={socket} onClose={() => setEditing(null)} />}
    </section>
  );
}

function Marks({ cue }: { cue: Cue }) {
  const x = w.value;
  return (
    <>
      {!cue.counts && <span class="badge grey">{x.cueUncounted}</span>}
      {cue.music && <Music size={14} role="img" aria-label={x.cueMusic} />}
    </>
  );
}

function IconButton(p: { label: string; off?: boolean; onClick: () => unknown; children: preact.ComponentChildren }) {
  return (
    <button type="button" class="btn bare icon small" aria-label={p.label} title={p.label.split(':')[0]} disabled={p.off === true}
      onClick={() => void p.onClick()}>
      {p.children}
    </button>
  );
}

function CueForm(p: { cue: CuePut; socket: Socket; onClose: () => void }) {
  const [c, setC] = useState(p.cue);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const id = useId();
  const x = w.value;
  const cast = c.cast.split(',').filter(Boolean);
  const save = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await p.socket.request('cueput', { ...c, title: c.title.trim() });
      p.onClose();
    } catch (e) {
      setError(sentence(e));
      setBusy(false);
    }
  };
  return (
    <Dialog title={c.id ? x.cueEdit : x.cueAdd} onClose={p.onClose} testid="cue-form">
      <Field label={x.cueTitle} error={error}>
        {(a) => <input {...a} class="input" maxLength={MaxCueTitle} value={c.title} data-testid="cue-title"
          onInput={(e) => setC({ ...c, title: e.currentTarget.value })} />}
      </Field>
      <Field label={x.cueMinutes} hint={x.cueMinutesHint}>
        {(a) => <input {...a} class="input" type="number" min="0" max="600" value={c.minutes}
          onInput={(e) => setC({ ...c, minutes: Math.max(0, Math.round(Number(e.currentTarget.value) || 0)) })} />}
      </Field>
      <fieldset class="cue-cast">
        <legend>{x.cueCast}</legend>
        <p class="small muted">{x.cueCastHint}</p>
        <div class="row">
          {CAST.map((role) => (
            <label key={role}>
              <input type="checkbox" checked={cast.includes(role)}
                onChange={(e) => setC({ ...c, cast: (e.currentTarget.checked ? [...cast, role] : cast.filter((y) => y !== role)).join(',') })} />{' '}
              {x.roles[role]}
            </label>
          ))}
        </div>
      </fieldset>
      <label for={id}>{x.layouts}</label>
      <select id={id} class="input" value={c.layout} onChange={(e) => setC({ ...c, layout: e.currentTarget.value as CuePut['layout'] })}>
        <option value="">{x.layoutLarge}</option>
        <option value="side">{x.layoutSide}</option>
        <option value="sign">{x.layoutSign}</option>
      </select>
      <label><input type="checkbox" checked={c.music} onChange={(e) => setC({ ...c, music: e.currentTarget.checked })} /> {x.cueMusic}</label>
      <label><input type="checkbox" checked={!c.counts} onChange={(e) => setC({ ...c, counts: !e.currentTarget.checked })} /> {x.cueUncountedLong}</label>
      <div class="row dialog-buttons">
        <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
        <button type="button" class="btn" aria-disabled={busy} onClick={() => void save()} data-testid="cue-save">{t.value.save}</button>
      </div>
    </Dialog>
  );
}
