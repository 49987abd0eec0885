import { signal } from '@preact/signals';
import { CircleAlert, CircleCheck, Info, X } from 'lucide-preact';
import { announce } from '../../a11y';
import { w } from './words';
import './staff.css';

type ToastKind = 'good' | 'info' | 'error';
interface Toast {
  id: number;
  kind: ToastKind;
  title: string;
  text: string;
}

const toasts = signal<Toast[]>([]);
const MAX = 3;
const SHOWN_MS = { good: 3500, info: 7000, error: 10_000 };
let next = 1;

/** Shows a short message in the corner and reads it to screen readers. Errors stay longest. */
export function toast(kind: ToastKind, title: string, text = ''): void {
  const id = next++;
  toasts.value = [...toasts.value.slice(1 - MAX), { id, kind, title, text }];
  announce(text ? `${title}. ${text}` : title, kind === 'error');
  setTimeout(() => drop(id), SHOWN_MS[kind]);
}

function drop(id: number): void {
  toasts.value = toasts.value.filter((t) => t.id !== id);
}

const ICON = { good: CircleCheck, info: Info, error: CircleAlert };

/** The corner where toasts appear; once per page. */
export function Toasts() {
  return (
    <section class="toasts" aria-label={w.value.toasts} data-testid="toasts">
      {toasts.value.map((t) => {
        const Icon = ICON[t.kind];
        return (
          <div key={t.id} class={`toast ${t.kind}`} data-testid={`toast-${t.kind}`}>
            <Icon size={20} aria-hidden="true" />
            <div>
              <strong>{t.title}</strong>
              {t.text && <p>{t.text}</p>}
            </div>
            <button type="button" class="btn bare icon small" aria-label={w.value.dismiss} onClick={() => drop(t.id)}>
              <X size={18} aria-hidden="true" />
            </button>
          </div>
        );
      })}
    </section>
  );
}
