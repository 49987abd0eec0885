import { signal } from '@preact/signals';

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

/** Sets the tab's title. */
export function setTitle(...parts: string[]): void {
  document.title = [...parts.filter(Boolean), 'Betang'].join(' · ');
}
