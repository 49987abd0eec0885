import { signal } from '@preact/signals';
import { sentence } from '../../i18n';
import { Refusal } from '../../refusal';
import type { Socket } from '../../socket';
import { deeds, questions, you } from '../../store/state';
import type { Question } from '../../wire.gen';
import { toast } from '../staff/toast';
import { w as alarmWords } from './alarmwords';
import { w } from './words';

/** Questions on which something of ours is under way: their buttons wait. */
export const busy = signal<ReadonlySet<string>>(new Set());

export type Form = 'reject' | 'merge' | 'answer';
/** The form that is open, and for which question. */
export const form = signal<{ kind: Form; id: string } | null>(null);

/** The question whose asker is to be removed from the event. */
export const banning = signal('');

/** What a moderator does with questions. Every method resolves to whether it was done; it tells the person itself. */
export class Actions {
  constructor(private readonly socket: Socket) {}

  approve = (q: Question) =>
    this.#do(q, () => this.socket.request('approve', { question: q.id }), w.value.done_approve);
  reject = (q: Question, reason: string) =>
    this.#do(q, () => this.socket.request('reject', { question: q.id, reason }), w.value.done_reject);
  merge = (q: Question, into: string) =>
    this.#do(q, () => this.socket.request('merge', { question: q.id, into }), w.value.done_merge);
  show = (q: Question) =>
    this.#do(q, () => this.socket.request('show', { question: q.id }), w.value.done_show);
  hide = (q: Question) =>
    this.#do(q, () => this.socket.request('show', { question: '' }), w.value.done_hide);
  answerLive = (q: Question) =>
    this.#do(q, () => this.socket.request('answer', { question: q.id, text: '' }), w.value.done_answerLive);
  answerWritten = (q: Question, text: string) =>
    this.#do(q, () => this.socket.request('answer', { question: q.id, text }), w.value.done_answerWritten);

  async #do(q: Question, request: () => Promise<unknown>, done: string): Promise<boolean> {
    if (busy.value.has(q.id)) return false;
    busy.value = new Set(busy.value).add(q.id);
    try {
      await request();
      toast('good', done);
      return true;
    } catch (e) {
      explain(q, e);
      return tooLate(e); // whatever was meant, it is over
    } finally {
      const rest = new Set(busy.value);
      rest.delete(q.id);
      busy.value = rest;
    }
  }
}

/** Its status no longer allows it: somebody else acted first. */
const tooLate = (e: unknown): boolean => e instanceof Refusal && e.code === 'question_state';

/** Tells why something was not done; when another moderator acted first, what they did. */
function explain(was: Question, e: unknown): void {
  if (tooLate(e)) {
    const told = questions.value.get(was.id)?.status !== was.status; // the change itself may come after the refusal
    toast('info', w.value.conflict, told ? nowText(was.id) : sentence(e));
  } else {
    toast('error', w.value.failed, sentence(e));
  }
}

export function nowText(id: string): string {
  const q = questions.value.get(id);
  if (!q) return '';
  const did = ['approve', 'reject', 'merge', 'answer'];
  const d = [...deeds.value].reverse().find((x) => did.includes(x.what) && q.text.startsWith(x.of.replace(/…$/, '')) && x.tag !== you.value?.tag);
  return w.value.conflictNow(statusName(q.status).toLowerCase(), d ? alarmWords.value.someone(d) : '');
}

function statusName(status: string): string {
  const x = w.value;
  const names: Record<string, string> = {
    pending: x.pending,
    approved: x.approved,
    answered: x.answered,
    rejected: x.rejected,
    merged: x.merged,
  };
  return names[status] ?? status;
}
