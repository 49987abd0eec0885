import { useState } from 'preact/hooks';
import { Check, Copy } from 'lucide-preact';
import { announce } from '../../a11y';
import { toast } from './toast';
import { w } from './words';

/** Copies value to the clipboard; label says what is copied. */
export function CopyButton({ value, label, testid }: { value: string; label: string; testid?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setDone(true);
      announce(`${label}: ${w.value.copied}`);
      setTimeout(() => setDone(false), 2500);
    } catch {
      toast('error', w.value.copyFailed);
    }
  };
  const Icon = done ? Check : Copy;
  return (
    <button type="button" class="btn quiet small" onClick={() => void copy()} data-testid={testid}
      aria-label={`${w.value.copy}: ${label}`}>
      <Icon size={16} aria-hidden="true" />
      {done ? w.value.copied : w.value.copy}
    </button>
  );
}
