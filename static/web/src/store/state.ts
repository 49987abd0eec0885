import { computed, signal } from '@preact/signals';
import type * as wire from '../wire.gen';

/** How the websocket is doing. */
export type Connection =
  | 'idle' // not asked for yet
  | 'connecting' // first time
  | 'open'
  | 'reconnecting'
  | 'closed'; // for good: see goodbye

export const connection = signal<Connection>('idle');
/** The last goodbye that ended it for good, or a refusal of hello. */
export const goodbye = signal<{ reason: string; message: string } | null>(null);
export const you = signal<wire.You | null>(null);
export const event = signal<wire.Event | null>(null);
export const stage = signal<wire.Stage>(emptyStage());
/** Questions the reader may see, by id. The map is replaced at every change. */
export const questions = signal<ReadonlyMap<string, wire.Question>>(new Map());
/** Polls the reader may see, by id. The map is replaced at every change. */
export const polls = signal<ReadonlyMap<string, wire.Poll>>(new Map());
/** Counts of open polls, by poll. */
export const tallies = signal<ReadonlyMap<string, wire.Tally>>(new Map());
/** May one write into the chat, and react? */
export const talk = signal<wire.Talk>({ chat: false, reactions: false });
/** The last messages of the chat, by id, oldest first. The map is replaced at every change. */
export const chat = signal<ReadonlyMap<string, wire.ChatLine>>(new Map());
/** The last captions, oldest first. */
export const captions = signal<readonly wire.CaptionLine[]>([]);
/** Points of the minutes, by id, for who may write them. The map is replaced at every change. */
export const notes = signal<ReadonlyMap<string, wire.Note>>(new Map());
/** How many reacted how in the last seconds. */
export const waves = signal<wire.Reactions>({});
export const mine = signal<wire.Mine>({ questions: [], supported: [] });
export const counts = signal<wire.Counts>({ viewers: 0, participants: 0, guests: 0, hearing: 0 });
/** What only the desk sees: who wants to speak, who must stay out. */
export const desk = signal<wire.DeskState>({ hands: [], bans: [] });
/** How what the stage sends arrives at the server, and the alarms that stand; for the desk. */
export const vitals = signal<wire.Vitals>({ sources: [], alarms: [] });
/** What was done at the desk lately, oldest first, by all who work there. */
export const deeds = signal<readonly wire.Deed[]>([]);
/** Where on the ladder this viewer is, and why; null before the server said so. */
export const rung = signal<wire.Rung | null>(null);
/** The rundown (susunan acara), with the present cue. */
export const agenda = signal<wire.Agenda>(emptyAgenda());
/** A line of the organiser's that everyone sees. */
export const notice = signal<wire.Notice>({ text: '', at: '' });
/** The material that may be known of, and the page of it that is open; deck '' is none. */
export const decks = signal<wire.Deck[]>([]);
export const page = signal<wire.Page>({ deck: '', page: 0 });
/** All that is drawn on the page it names, and the presenter's pointer. */
export const ink = signal<wire.Ink>({ deck: '', page: 0, strokes: [] });
export const pointer = signal<wire.Point>({ on: false, x: 0, y: 0 });
/** Revision of what is shown; hello resumes from it. */
export const rev = signal(0);

function emptyStage(): wire.Stage {
  return { sources: [], main: '', second: '', interpreter: '', auto: true, layout: '', gate: false, question: '' };
}

function emptyAgenda(): wire.Agenda {
  return { cues: [], now: '', since: 0, music: false, undo: false };
}

/** The present cue, if any. */
export const cueNow = computed(() => agenda.value.cues.find((c) => c.id === agenda.value.now) ?? null);

/** Takes a State message in: changes, or with full everything anew. */
export function applyState(s: wire.State): void {
  if (s.event) event.value = s.event;
  if (s.stage) stage.value = { ...s.stage, sources: s.stage.sources ?? [] };
  else if (s.full) stage.value = emptyStage();
  if (s.agenda) agenda.value = s.agenda;
  else if (s.full) agenda.value = emptyAgenda();
  if (s.notice) notice.value = s.notice;
  else if (s.full) notice.value = { text: '', at: '' };
  if (s.decks || s.full) decks.value = s.decks ?? [];
  if (s.page || s.full) page.value = s.page ?? { deck: '', page: 0 };
  if (s.desk) desk.value = s.desk;
  else if (s.full) desk.value = { hands: [], bans: [] };
  if (s.full || s.questions?.length) {
    const next = new Map(s.full ? [] : questions.value);
    for (const q of s.questions ?? []) {
      if (q.status === 'gone') next.delete(q.id);
      else next.set(q.id, q);
    }
    questions.value = next;
  }
  if (s.full || s.polls?.length) {
    const next = new Map(s.full ? [] : polls.value);
    for (const p of s.polls ?? []) {
      if (p.status === 'gone') next.delete(p.id);
      else next.set(p.id, p);
    }
    polls.value = next;
  }
  if (s.full || s.deeds?.length) deeds.value = [...(s.full ? [] : deeds.value), ...(s.deeds ?? [])].slice(-DEED_WINDOW);
  if (s.talk) talk.value = s.talk;
  else if (s.full) talk.value = { chat: false, reactions: false };
  if (s.full || s.captions?.length) {
    const fresh = s.captions ?? [];
    const old = s.full ? [] : captions.value.filter((c) => !fresh.some((f) => f.n === c.n));
    captions.value = [...old, ...fresh].sort((a, b) => a.n - b.n).slice(-CAPTION_WINDOW);
  }
  if (s.full || s.notes?.length) {
    const next = new Map(s.full ? [] : notes.value);
    for (const n of s.notes ?? []) {
      if (n.gone) next.delete(n.id);
      else next.set(n.id, n);
    }
    notes.value = next;
  }
  if (s.full || s.chat?.length) chat.value = newest(s.full ? new Map() : chat.value, s.chat ?? []);
  rev.value = s.rev;
}

const CHAT_WINDOW = 100;
const CAPTION_WINDOW = 6;
const DEED_WINDOW = 24;

function newest(known: ReadonlyMap<string, wire.ChatLine>, lines: wire.ChatLine[]): ReadonlyMap<string, wire.ChatLine> {
  const next = new Map(known);
  for (const l of lines) {
    if (l.gone) next.delete(l.id);
    else next.set(l.id, l);
  }
  for (const id of next.keys()) {
    if (next.size <= CHAT_WINDOW) break;
    next.delete(id);
  }
  return next;
}

const WAVE_MS = 5000;

/** Reactions show for a few seconds. */
export function applyReactions(r: wire.Reactions): void {
  const add = (sign: number) => {
    const sum = { ...waves.value };
    for (const k of ['clap', 'agree', 'love', 'thanks'] as const) sum[k] = Math.max(0, (sum[k] ?? 0) + sign * (r[k] ?? 0));
    waves.value = sum;
  };
  add(1);
  setTimeout(add, WAVE_MS, -1);
}

export function applyMine(m: wire.Mine): void {
  mine.value = { ...m, questions: m.questions ?? [], supported: m.supported ?? [] };
}

/** May the reader's role send this message? Only to choose what to show; the server checks. */
export function may(message: string): boolean {
  return you.value?.may?.includes(message) ?? false;
}

export function sourceOf(id: string): wire.Source | undefined {
  return stage.value.sources.find((s) => s.id === id);
}

/** The question shown large on the stage, if any. */
export const shown = computed(() => {
  const id = stage.value.question;
  return id ? (questions.value.get(id) ?? null) : null;
});

/** The deck that is open, if any. */
export const openDeck = computed(() => decks.value.find((d) => d.id === page.value.deck) ?? null);

/** Open polls that the reader has not answered yet. */
export const unanswered = computed(() => {
  const done = new Set((mine.value.answers ?? []).map((a) => a.poll));
  return [...polls.value.values()].filter((p) => p.status === 'open' && !done.has(p.id));
});

/** By support, then oldest first. */
export function bySupport(a: wire.Question, b: wire.Question): number {
  return b.support - a.support || Number(a.id.slice(1)) - Number(b.id.slice(1));
}
