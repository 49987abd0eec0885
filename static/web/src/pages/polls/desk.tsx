import { useState } from 'preact/hooks';
import { ChartColumn, Eye, EyeOff, Lock, LockOpen, Plus, Trash2 } from 'lucide-preact';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { polls, tallies } from '../../store/state';
import type { Poll } from '../../wire.gen';
import { toast } from '../staff/toast';
import { making } from './form';
import './polls.css';
import { Results } from './results';
import { w } from './words';

const number = (p: Poll): number => Number(p.id.slice(1));
const ORDER = { open: 0, draft: 1, closed: 2, gone: 3 };

/** The desk's polls: what is open, then drafts, then what is over. */
export function PollDesk({ socket }: { socket: Socket }) {
  const [busy, setBusy] = useState(false);
  const x = w.value;
  const list = [...polls.value.values()].sort((a, b) => ORDER[a.status] - ORDER[b.status] || number(a) - number(b));
  const drafts = list.filter((p) => p.status === 'draft');

  const run = async (...requests: (() => Promise<unknown>)[]) => {
    if (busy) return;
    setBusy(true);
    try {
      for (const request of requests) await request();
      toast('good', x.done);
    } catch (e) {
      toast('error', x.failed, sentence(e));
    } finally {
      setBusy(false);
    }
  };
  const turn = (p: Poll, to: 'open' | 'closed' | 'dropped') => () => socket.request('poll.turn', { poll: p.id, to });
  const show = (p: Poll, on: boolean) => () => socket.request('poll.show', { poll: p.id, on });
  const setsOf = (['pre', 'post'] as const).map((set) => ({ set, all: drafts.filter((p) => p.set === set) }))
    .filter((s) => s.all.length > 1);

  return (
    <section class="poll-desk stack" aria-label={x.tab} data-testid="poll-desk">
      <div class="row">
        <button type="button" class="btn" onClick={() => (making.value = true)} data-testid="poll-make">
          <Plus size={18} aria-hidden="true" />{x.make}
        </button>
        {setsOf.map(({ set, all }) => (
          <button key={set} type="button" class="btn quiet" aria-disabled={busy} onClick={() => void run(...all.map((p) => turn(p, 'open')))}>
            <LockOpen size={18} aria-hidden="true" />{set === 'pre' ? x.pre : x.post}: {x.turnOpenAll(all.length)}
          </button>
        ))}
      </div>
      {list.length === 0 && (
        <div class="q-none"><ChartColumn size={28} aria-hidden="true" /><p>{x.makeNone}</p></div>
      )}
      <ul class="polls">
        {list.map((p) => {
          const tally = p.tally ?? tallies.value.get(p.id);
          return (
            <li key={p.id} class="poll" data-testid="poll" data-id={p.id} data-status={p.status}>
              <p class="row">
                <span class={`badge ${p.status === 'open' ? '' : 'grey'}`}>{p.status === 'open' ? x.open : p.status === 'draft' ? x.draft : x.closed}</span>
                <span class="small muted">{x.kinds[p.kind]}</span>
                {p.set && <span class="badge gold">{p.set === 'pre' ? x.pre : x.post}</span>}
                {p.anonymous && <span class="badge grey">{x.anonymous}</span>}
                {p.shown && <span class="badge">{x.shown}</span>}
              </p>
              <p class="text">{p.text}</p>
              {p.status === 'draft' && p.options.length > 0 && (
                <ul class="small">
                  {p.options.map((o, i) => <li key={o}>{o}{Boolean((p.right ?? 0) & (1 << i)) && <> · {x.right}</>}</li>)}
                </ul>
              )}
              {tally && p.status !== 'draft' && <Results p={p} tally={tally} />}
              {tally?.texts && tally.texts.length > 0 && (
                <details>
                  <summary>{x.latest}</summary>
                  <ul class="small">{[...tally.texts].reverse().map((text, i) => <li key={i}>{text}</li>)}</ul>
                </details>
              )}
              <div class="row">
                {p.status === 'draft' && (
                  <>
                    <button type="button" class="btn small" aria-disabled={busy} onClick={() => void run(turn(p, 'open'))} data-testid="poll-open">
                      <LockOpen size={16} aria-hidden="true" />{x.turnOpen}
                    </button>
                    <button type="button" class="btn quiet small" aria-disabled={busy} onClick={() => void run(turn(p, 'dropped'))}>
                      <Trash2 size={16} aria-hidden="true" />{x.turnDropped}
                    </button>
                  </>
                )}
                {p.status === 'open' && (
                  <button type="button" class="btn small" aria-disabled={busy} onClick={() => void run(turn(p, 'closed'))} data-testid="poll-close">
                    <Lock size={16} aria-hidden="true" />{x.turnClosed}
                  </button>
                )}
                {p.status === 'closed' && !(p.set && p.shown) && (
                  <button type="button" class="btn quiet small" aria-disabled={busy} onClick={() => void run(turn(p, 'open'))}>
                    <LockOpen size={16} aria-hidden="true" />{x.turnAgain}
                  </button>
                )}
                {p.kind !== 'text' && (p.status === 'closed' || (p.status === 'open' && !p.set && !p.live)) && (
                  <button type="button" class="btn quiet small" aria-disabled={busy} onClick={() => void run(show(p, !p.shown))} data-testid="poll-show">
                    {p.shown ? <EyeOff size={16} aria-hidden="true" /> : <Eye size={16} aria-hidden="true" />}
                    {p.shown ? x.hide : x.show}
                  </button>
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
