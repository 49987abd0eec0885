import { effect, signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** What the polite live region says; app.tsx renders it. */
export const polite = signal('');
/** What the assertive live region says: failures that need attention now. */
export const assertive = signal('');

/** Tells screen readers something that happened elsewhere on the page. */
export function announce(text: string, urgent = false): void {
  const region = urgent ? assertive : polite;
  region.value = '';
  // A region that is set twice within one task is read once, or not at all.
  setTimeout(() => (region.value = text), 50);
}

/** Moves focus to an element that takes none by itself, such as a heading of a new step. */
export function focusOn(el: HTMLElement | null): void {
  if (!el) return;
  if (!el.hasAttribute('tabindex')) el.tabIndex = -1;
  el.focus({ preventScroll: false });
}

/** Keeps the focus in a part whose buttons come and go: the part has it where the button that had it is gone. */
export function useFocusKept(part: RefObject<HTMLElement>): void {
  const had = part.current?.contains(document.activeElement);
  useLayoutEffect(() => {
    if (had && document.activeElement === document.body) focusOn(part.current);
  });
}

let arriving = false;
/** Says that a form was sent that leads to another page: whoever sent it by key has the focus on nothing then. */
export function arrive(): void {
  arriving = true;
}
/** Gives the heading of a page the focus if one arrived there by a form; after a mere load the focus stays at the top. */
export function arrived(heading: HTMLElement | null): void {
  if (arriving && document.activeElement === document.body) focusOn(heading);
  arriving = false;
}

const pageTitle = signal('');
const urgentTitle = signal<{ text: string } | undefined>(undefined);
effect(() => {
  const title = urgentTitle.value?.text || pageTitle.value;
  if (title) document.title = title;
});

/** Sets the tab's title. */
export function setTitle(...parts: string[]): void {
  pageTitle.value = [...parts.filter(Boolean), 'Betang'].join(' · ');
}

/** A title before the page's own, whatever setTitle says meanwhile, until the returned function is called or another took its place. */
export function overTitle(text: string): () => void {
  const mine = { text };
  urgentTitle.value = mine;
  return () => {
    if (urgentTitle.value === mine) urgentTitle.value = undefined;
  };
}
