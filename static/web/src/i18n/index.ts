import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { Refusal } from '../refusal';
import type { Lang } from '../time';
import { en } from './en';
import { id } from './id';

const STORE = 'betang.lang';

function stored(): Lang {
  const q = new URLSearchParams(location.search).get('lang');
  if (q === 'id' || q === 'en') return q;
  try {
    return localStorage.getItem(STORE) === 'en' ? 'en' : 'id';
  } catch {
    return 'id';
  }
}

/** The reader's language: Indonesian unless they chose otherwise. */
export const lang = signal<Lang>(stored());
document.documentElement.lang = lang.value;

export function setLang(to: Lang): void {
  lang.value = to;
  document.documentElement.lang = to;
  try {
    localStorage.setItem(STORE, to);
  } catch {
    // storage is switched off: the choice lives as long as the page
  }
}

/** Pairs two dictionaries of the same shape; reading .value in a component follows the language. */
export function words<T>(indonesian: T, english: T): ReadonlySignal<T> {
  return computed(() => (lang.value === 'en' ? english : indonesian));
}

/** The words that several pages share. */
export const t = words(id, en);

/** The sentence a person reads for a failure of api, request or media. */
export function sentence(e: unknown): string {
  if (!(e instanceof Refusal)) return t.value.serverProblem;
  if (e.message) return e.message;
  if (e.kind === 'Offline') return e.code === 'lost' ? t.value.requestLost : t.value.offline;
  if (e.kind === 'TooMany') return t.value.tooMany;
  if (e.kind === 'NotAllowed') return t.value.noAccess;
  return t.value.serverProblem;
}
