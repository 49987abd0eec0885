import { captions } from '../../store/state';
import { now, second } from '../../time';
import { kept } from './layout';

const SHOWN_MS = 12_000; // a line that is older has been read

export const captionSize = kept('betang.captions', ['m', 'l', 'xl', 'off'] as const, 'm');

/** The last two lines that somebody types, over the picture. */
export function Captions() {
  second.value; // lines go by themselves
  const size = captionSize.now.value;
  const at = now();
  const lines = captions.value.filter((c) => c.text && at - c.at < SHOWN_MS).slice(-2);
  if (size === 'off' || lines.length === 0) return null;
  return (
    <div class={`captions size-${size}`} data-testid="captions">
      {lines.map((c) => <p key={c.n}><span>{c.text}</span></p>)}
    </div>
  );
}
