import { signal } from '@preact/signals';

/** One's turn on the stage has come and the devices are being checked: that takes the place of the questions. */
export const checking = signal(false);
/** What became of it, until dismissed. */
export const news = signal('');
