import { signal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { Dialog } from '../../ui/parts';
import { acknowledge, unseen } from './alarms';
import { w } from './words';

const STORE = 'betang.desk-keys';
/** Whether single letters act; who dictates, or types where the page does not expect it, switches them off (WCAG 2.1.4). */
const on = signal(localStorage.getItem(STORE) !== 'off');

const testid = (id: string): HTMLElement | null =>
  [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)].find((e) => e.getClientRects().length > 0) ?? null;

function focus(...ids: string[]): void {
  for (const id of ids) {
    const e = testid(id);
    if (e) {
      e.focus();
      e.scrollIntoView({ block: 'nearest' });
      return;
    }
  }
}

const PRESSES: Record<string, () => void> = {
  n: () => testid('cue-next')?.click(),
  d: () => testid('phase-paused')?.click(),
  w: () => acknowledge(unseen.value[0]),
  1: () => focus('source', 'gate'),
  2: () => focus('hand-row'),
  3: () => focus('cue-next', 'rundown-template'),
  4: () => focus('question', 'part-queue'),
  5: () => focus('alarm-ack', 'open-alarms'),
};

/** Letters that act anywhere on the desk, but where one types or a dialog is open. */
export function useKeys(help: () => void): void {
  useLayoutEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || e.repeat) return;
      const at = e.target as HTMLElement;
      if (at.closest('input:not([type=checkbox]), textarea, select, [contenteditable]') || document.querySelector('dialog[open]')) return;
      const does = e.key === '?' ? help : on.value ? PRESSES[e.key.toLowerCase()] : undefined;
      if (!does) return;
      e.preventDefault();
      does();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

/** What a list's row does by a letter while it, and no field in it, has the focus; arrows go from row to row. */
export function rowKeys(e: KeyboardEvent, does: Record<string, (() => void) | null | undefined | false>): void {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
  const row = e.currentTarget as HTMLElement;
  const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
  if (step) {
    const rows = [...(row.closest('.desk')?.querySelectorAll<HTMLElement>(`[data-testid="${row.dataset.testid}"]`) ?? [])];
    const to = rows[rows.indexOf(row) + step];
    if (to) {
      e.preventDefault();
      to.focus();
    }
    return;
  }
  const act = on.value && does[e.key.toLowerCase()];
  if (!act) return;
  e.preventDefault();
  act();
}

/** What the keys do. */
export function Keys({ onClose }: { onClose: () => void }) {
  const x = w.value;
  const parts: { title: string; rows: [string, string][] }[] = [
    {
      title: x.keysAnywhere,
      rows: [['?', x.key_help], ['N', x.key_n], ['D D', x.key_d], ['W', x.key_w], ['1', x.key_1], ['2', x.key_2], ['3', x.key_3],
        ['4', x.key_4], ['5', x.key_5]],
    },
    { title: x.keysSource, rows: [['↓ ↑', x.key_rows], ['U', x.key_u], ['B', x.key_b], ['M', x.key_m], ['K', x.key_k], ['X', x.key_x]] },
    { title: x.keysHand, rows: [['I', x.key_i], ['R', x.key_r]] },
    {
      title: x.keysQuestion,
      rows: [['↓ ↑', x.key_move], ['A', x.key_a], ['T', x.key_t], ['G', x.key_g], ['P', x.key_p], ['L', x.key_l], ['J', x.key_j]],
    },
  ];
  const turn = (yes: boolean) => {
    on.value = yes;
    localStorage.setItem(STORE, yes ? 'on' : 'off');
  };
  return (
    <Dialog title={x.keysTitle} onClose={onClose} cross wide testid="keys-dialog">
      <div class="auto">
        <input id="desk-keys" type="checkbox" role="switch" checked={on.value} data-testid="keys-on" onChange={(e) => turn(e.currentTarget.checked)} />
        <label for="desk-keys">{x.keysOn}<span class="small muted">{x.keysOnHint}</span></label>
      </div>
      <div class="keys-parts">
        {parts.map((part) => (
          <section key={part.title}>
            <h3>{part.title}</h3>
            <dl class="keys">
              {part.rows.map(([k, what]) => (
                <div key={k}>
                  <dt>{k.split(' ').map((one, i) => <kbd key={i}>{one}</kbd>)}</dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p class="small muted">{x.keysDialog}</p>
    </Dialog>
  );
}
