import { signal } from '@preact/signals';
import { announce } from '../../a11y';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { event, may, talk, waves } from '../../store/state';
import './chat.css';
import { w } from './words';

const KINDS = ['clap', 'agree', 'love', 'thanks'] as const;
const SIGNS = { clap: '👏', agree: '👍', love: '❤️', thanks: '🙏' };

const refusal = signal('');

/** What others' gestures add up to at the moment, for who makes none: nothing while there are none. */
export function Waves() {
  const some = KINDS.filter((k) => (waves.value[k] ?? 0) > 0);
  if (some.length === 0) return null;
  return (
    <ul class="waves" aria-label={w.value.reactions} data-testid="waves">
      {some.map((k) => <li key={k}><span role="img" aria-label={w.value.react[k]}>{SIGNS[k]}</span> <span class="num">{waves.value[k]}</span></li>)}
    </ul>
  );
}

/** Gestures of the moment, with how many made them in the last seconds. */
export function Reactions({ socket }: { socket: Socket }) {
  const x = w.value;
  if (!talk.value.reactions || event.value?.phase !== 'live' || !may('react')) return null;
  const react = async (kind: (typeof KINDS)[number]) => {
    refusal.value = '';
    try {
      await socket.request('react', { kind });
      announce(x.reacted(x.react[kind]));
    } catch (e) {
      refusal.value = sentence(e);
    }
  };
  return (
    <div class="reactions" data-testid="reactions">
      <div class="row" role="group" aria-label={x.reactions}>
        {KINDS.map((k) => {
          const n = waves.value[k] ?? 0;
          return (
            <button key={k} type="button" class={n > 0 ? 'some' : ''} aria-label={x.react[k]} title={x.react[k]}
              onClick={() => void react(k)} data-testid={`react-${k}`}>
              <span aria-hidden="true">{SIGNS[k]}</span>
              {n > 0 && <span class="num" aria-hidden="true">{n}</span>}
            </button>
          );
        })}
      </div>
      <div role="alert">{refusal.value && <p class="small error">{refusal.value}</p>}</div>
    </div>
  );
}
