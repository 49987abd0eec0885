import { useState } from 'preact/hooks';
import { sentence } from '../i18n';

/** Something a form does: it shows its own progress, once at a time, and keeps what was typed when it fails. */
export function useRun(first = ''): { busy: boolean; error: string; say: (s: string) => void; run: (f: () => Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(first);
  const run = (f: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    setError('');
    f().catch((e: unknown) => setError(sentence(e))).finally(() => setBusy(false));
  };
  return { busy, error, say: setError, run };
}
