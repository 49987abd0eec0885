import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Ear } from 'lucide-preact';
import { announce, overTitle } from '../../a11y';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { mine } from '../../store/state';
import { now, second } from '../../time';
import './check.css';
import { chime } from './chime';
import { w } from './words';

/**
 * "Masih menyimak? Ketuk di sini": seen, heard and read out, answered by tap, Enter, Space or Alt+M. It blocks
 * nothing else on the page and takes no focus from who is typing.
 */
export function Check({ socket }: { socket: Socket }) {
  const check = mine.value.check;
  const [done, setDone] = useState(-1); // the check answered last
  const [error, setError] = useState('');
  const button = useRef<HTMLButtonElement>(null);
  const open = check !== undefined && check.check !== done;
  const n = check?.check;

  // Before it is painted: whoever sees it is heard by it.
  useLayoutEffect(() => {
    if (!open) return;
    setError('');
    announce(`${w.value.checkTitle} ${w.value.checkHow}`, true);
    chime();
    navigator.vibrate?.([200, 100, 200]);
    const again = setTimeout(chime, Math.max(1000, ((check?.until ?? 0) - now()) / 2));
    const typing = document.activeElement?.matches('input, textarea, select');
    if (!typing) button.current?.focus({ preventScroll: true });
    const giveBack = overTitle(`❓ ${w.value.checkTitle}`);
    const key = (e: KeyboardEvent) => {
      if (e.altKey && e.key.toLowerCase() === 'm') {
        e.preventDefault();
        button.current?.click();
      }
    };
    addEventListener('keydown', key);
    return () => {
      clearTimeout(again);
      removeEventListener('keydown', key);
      giveBack();
    };
  }, [open, n]);

  if (!open || n === undefined) return null;
  void second.value;
  const left = Math.max(0, Math.ceil((check.until - now()) / 1000));
  const answer = async () => {
    setDone(n);
    try {
      await socket.request('here', { check: n });
      announce(w.value.checkThanks);
    } catch (e) {
      setError(sentence(e));
      setDone(-1); // the server takes it away by itself when it is over
    }
  };
  return (
    <div class="check" role="alertdialog" aria-labelledby="check-title" aria-describedby="check-how" data-testid="check">
      <Ear size={28} aria-hidden="true" />
      <div>
        <strong id="check-title">{w.value.checkTitle}</strong>
        <p id="check-how" class="small">{error || w.value.checkHow}</p>
      </div>
      <button ref={button} type="button" class="btn" onClick={() => void answer()} aria-keyshortcuts="Alt+M"
        data-testid="check-yes">
        {w.value.checkYes}
        <span class="num" aria-hidden="true">{left}</span>
      </button>
    </div>
  );
}
