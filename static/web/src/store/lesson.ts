import { signal } from '@preact/signals';
import type { ClassState } from '../wire.gen';

/** A class as this page's reader is in it: which room, whose pictures fill the slots, who speaks. Only a class has one. */
export const lesson = signal<ClassState>({
  here: '', main: '', second: '', interpreter: '', tiles: [], sources: [], muted: [], speaking: [], share: false, lock: false,
  mayShare: false, called: false, helping: false, rooms: [], way: '', open: false, until: 0,
});
