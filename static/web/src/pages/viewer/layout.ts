import { computed, signal } from '@preact/signals';
import { stage } from '../../store/state';

// How the pictures stand is the operator's choice until the viewer makes another; the interpreter's size and place are
// always the viewer's. Choices are kept on this device.

export type Layout = '' | 'side' | 'sign' | 'only';
export type Size = 's' | 'm' | 'l';
export type Place = 'right' | 'left';

const SIZES: Size[] = ['s', 'm', 'l'];
const PLACES: Place[] = ['right', 'left'];
const LAYOUTS: ('auto' | Layout)[] = ['auto', '', 'side', 'only'];

export function kept<T extends string>(key: string, all: readonly T[], otherwise: T) {
  let first = otherwise;
  try {
    const v = localStorage.getItem(key) as T | null;
    if (v !== null && all.includes(v)) first = v;
  } catch {
    // storage is switched off: the choice lives as long as the page
  }
  const now = signal<T>(first);
  return {
    now,
    next(): T {
      now.value = all[(all.indexOf(now.value) + 1) % all.length] ?? otherwise;
      try {
        localStorage.setItem(key, now.value);
      } catch {
        // kept for this page only
      }
      return now.value;
    },
  };
}

export const signSize = kept<Size>('betang.interpreter', SIZES, 'm');
export const signPlace = kept<Place>('betang.interpreter.place', PLACES, 'right');
export const ownLayout = kept<'auto' | Layout>('betang.layout', LAYOUTS, 'auto');

/** The layout that holds now. */
export const layout = computed<Layout>(() =>
  ownLayout.now.value === 'auto' ? (stage.value.layout as Layout) : ownLayout.now.value);
