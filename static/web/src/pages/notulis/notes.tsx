import { useState } from 'preact/hooks';
import { CircleAlert, NotebookPen, PencilLine, Trash2 } from 'lucide-preact';
import { lang } from '../../i18n';
import type { Socket } from '../../socket';
import { notes } from '../../store/state';
import { formatClock } from '../../time';
import { Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { MaxNote, MaxNoteWho, type Note } from '../../wire.gen';
import { w } from './words';

type Draft = { note: string; kind: Note['kind']; text: string; who: string; due: string };
const EMPTY: Draft = { note: '', kind: 'note', text: '', who: '', due: '' };
const KINDS = ['note', 'decision', 'action'] as const;

/** The minutes: points in order, and the form that adds or changes one. */
export function Notes({ socket }: { socket: Socket }) {
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const { busy, error, run } = useRun();
  const x = w.value;
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const list = [...notes.value.values()].sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
  const action = draft.kind === 'action';
  const save = () => run(async () => {
    await socket.request('note.put', { ...draft, text: draft.text.trim(), who: action ? draft.who.trim() : '', due: action ? draft.due.trim() : '' });
    setDraft({ ...EMPTY, kind: draft.kind });
  });
  return (
    <section class="card stack note-list" aria-labelledby="notes-h">
      <h2 id="notes-h"><NotebookPen size={20} aria-hidden="true" />{x.notes}</h2>
      <p class="small muted">{x.notesLead}</p>
      {list.length === 0 && <p class="muted">{x.notesNone}</p>}
      <ul class="notes" data-testid="notes">
        {list.map((n) => (
          <li key={n.id} class={n.id === draft.note ? 'fixing' : ''} data-kind={n.kind}>
            <p class="row">
              <span class={`badge ${n.kind === 'note' ? 'grey' : n.kind === 'decision' ? '' : 'gold'}`}>{x.kinds[n.kind]}</span>
              <span class="small muted num">{formatClock(new Date(n.at).toISOString(), lang.value)}</span>
              <span class="grow" />
              <button type="button" class="btn bare icon small" aria-label={`${x.change}: ${n.text}`} title={x.change}
                onClick={() => setDraft({ note: n.id, kind: n.kind, text: n.text, who: n.who ?? '', due: n.due ?? '' })}>
                <PencilLine size={16} aria-hidden="true" />
              </button>
              <button type="button" class="btn bare icon small" aria-label={`${x.drop}: ${n.text}`} title={x.drop}
                onClick={() => run(async () => void (await socket.request('note.drop', { note: n.id })))}>
                <Trash2 size={16} aria-hidden="true" />
              </button>
            </p>
            <p class="text">{n.text}</p>
            {(n.who || n.due) && <p class="small muted">{[n.who && `${x.who}: ${n.who}`, n.due && `${x.due}: ${n.due}`].filter(Boolean).join(' · ')}</p>}
          </li>
        ))}
      </ul>
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        if (draft.text.trim()) save();
      }}>
        <fieldset class="row note-kinds">
          <legend class="sr">{x.kind}</legend>
          {KINDS.map((k) => (
            <label key={k}><input type="radio" name="note-kind" checked={draft.kind === k} onChange={() => set({ kind: k })} data-testid={`note-${k}`} />{x.kinds[k]}</label>
          ))}
        </fieldset>
        <Field label={x.text}>
          {(a) => <textarea {...a} class="input" rows={3} maxLength={MaxNote} value={draft.text} onInput={(e) => set({ text: e.currentTarget.value })} data-testid="note-text" />}
        </Field>
        {action && (
          <div class="note-who">
            <Field label={x.who}>{(a) => <input {...a} class="input" maxLength={MaxNoteWho} value={draft.who} onInput={(e) => set({ who: e.currentTarget.value })} data-testid="note-who" />}</Field>
            <Field label={x.due}>{(a) => <input {...a} class="input" maxLength={MaxNoteWho} value={draft.due} onInput={(e) => set({ due: e.currentTarget.value })} />}</Field>
          </div>
        )}
        <div role="alert">{error && <p class="error"><CircleAlert size={16} aria-hidden="true" />{error}</p>}</div>
        <p class="row">
          <button type="submit" class="btn" aria-disabled={busy || !draft.text.trim()} data-testid="note-save">{draft.note ? x.save : x.add}</button>
          {draft.note && <button type="button" class="btn quiet" onClick={() => setDraft(EMPTY)}>{x.cancel}</button>}
        </p>
      </form>
    </section>
  );
}
