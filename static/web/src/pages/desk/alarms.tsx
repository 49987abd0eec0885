import { computed, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { BellRing, Check, TriangleAlert } from 'lucide-preact';
import { announce } from '../../a11y';
import { lang } from '../../i18n';
import { deeds, event, vitals, you } from '../../store/state';
import { formatClock, formatElapsed, formatNumber, now, second } from '../../time';
import { Dialog } from '../../ui/parts';
import type { Alarm, Deed } from '../../wire.gen';
import { toast } from '../staff/toast';
import { w } from './alarmwords';
import './alarms.css';

// What an operator has seen is that operator's own affair: the page keeps it, by the alarm's id, as long as the tab lives.
const seen = signal<ReadonlySet<string>>(new Set());
const SOUND = 'betang.alarm-sound';
const sound = signal(localStorage.getItem(SOUND) !== 'off');

// Ids begin anew with every run of the server, times do not.
const key = (a: Alarm): string => `${event.peek()?.id}/${a.id}/${a.since}`;
/** Alarms that stand and were not seen yet, the grave ones first. */
export const unseen = computed(() => vitals.value.alarms.filter((a) => !seen.value.has(key(a))));

const number = (v: number): string => formatNumber(v, lang.value);
const sentenceOf = (a: Alarm): string => w.value.says[a.kind]?.(a, number) ?? a.kind;

/** Takes an alarm off the strip for this operator; it stays in the list while it stands. */
export function acknowledge(a: Alarm | undefined): void {
  if (!a) return;
  const standing = new Set(vitals.value.alarms.map(key));
  seen.value = new Set([...seen.value].filter((k) => standing.has(k)).concat(key(a)));
}

/** Reads out and sounds what is new, whether the strip is in sight or not. */
export function useAlarms(): void {
  const told = useRef(new Set<string>());
  useEffect(() => {
    const fresh = vitals.value.alarms.filter((a) => !told.current.has(key(a)));
    told.current = new Set(vitals.value.alarms.map(key));
    if (fresh.length === 0) return;
    announce(fresh.map(sentenceOf).join('. '), fresh.some((a) => a.bad));
    if (sound.value) void import('../viewer/chime').then((m) => m.chime());
  }, [vitals.value]);
}

/** Tells what others at the desk do, as it happens. What was done before this page came is in the list only. */
export function useDeeds(): void {
  const last = useRef(-1);
  useEffect(() => {
    const list = deeds.value;
    const rev = list[list.length - 1]?.rev ?? 0;
    const first = last.current < 0;
    const fresh = list.filter((d) => d.rev > last.current && !mineIs(d));
    last.current = Math.max(last.current, rev);
    if (first) return;
    for (const d of fresh.filter((f) => LOUD.has(f.what)).slice(-2)) toast('info', w.value.someone(d), w.value.deeds[d.what]?.(d.of) ?? d.what);
  }, [deeds.value]);
}

// Two moderators work through a queue: each card shows what became of it, and a toast for each would hide the queue.
const LOUD: ReadonlySet<Deed['what']> = new Set<Deed['what']>(['live', 'paused', 'ended', 'cue', 'cueback', 'scene', 'on', 'behind', 'hold',
  'free', 'off', 'gate', 'gate_open', 'announce', 'announce_off', 'ban', 'unban', 'backup_on', 'backup_off']);

const mineIs = (d: Deed): boolean => d.tag === you.value?.tag;

/** The alarms that this operator has not seen, on one line each; nothing while there are none. */
export function AlarmStrip({ most, onOpen }: { most: number; onOpen: () => void }) {
  const x = w.value;
  const list = unseen.value;
  if (list.length === 0) return null;
  return (
    <section class="alarm-strip" aria-label={x.alarms} data-testid="alarm-strip">
      <ul>
        {list.slice(0, most).map((a) => <Row key={a.id} a={a} />)}
      </ul>
      {list.length > most && (
        <button type="button" class="btn bare small" onClick={onOpen} data-testid="alarm-more">{x.more(number(list.length - most))}</button>
      )}
    </section>
  );
}

function Row({ a }: { a: Alarm }) {
  const x = w.value;
  const text = sentenceOf(a);
  const done = seen.value.has(key(a));
  void second.value;
  return (
    <li class={a.bad ? 'bad' : 'warn'} data-testid="alarm" data-kind={a.kind}>
      <TriangleAlert size={18} aria-hidden="true" />
      <span class="what">
        <strong>{text}</strong>
        <span class="small does">{x.does[a.kind]}</span>
      </span>
      <span class="small num age">{x.since(formatElapsed(now() - a.since))}</span>
      {done ? (
        <span class="small age">{x.acked}</span>
      ) : (
        <button type="button" class="btn quiet small" onClick={() => acknowledge(a)} aria-label={x.ackOf(text)} data-testid="alarm-ack">
          <Check size={16} aria-hidden="true" />{x.ack}
        </button>
      )}
    </li>
  );
}

/** All alarms that stand, whether they sound, and what was done at the desk lately. */
export function AlarmDialog({ onClose }: { onClose: () => void }) {
  const x = w.value;
  const list = vitals.value.alarms;
  const turn = (on: boolean) => {
    sound.value = on;
    localStorage.setItem(SOUND, on ? 'on' : 'off');
  };
  return (
    <Dialog title={x.alarms} onClose={onClose} cross testid="alarm-dialog">
      {list.length === 0 ? <p class="muted">{x.alarmsNone}</p> : <ul class="alarm-list" tabIndex={0} aria-label={x.alarms}>{list.map((a) => <Row key={a.id} a={a} />)}</ul>}
      <div class="auto">
        <input id="alarm-sound" type="checkbox" role="switch" checked={sound.value} data-testid="alarm-sound"
          onChange={(e) => turn(e.currentTarget.checked)} />
        <label for="alarm-sound">
          {x.soundOn}
          <span class="small muted">{x.soundHint}</span>
        </label>
      </div>
      <h3>{x.log}</h3>
      {deeds.value.length === 0 ? <p class="small muted">{x.logNone}</p> : (
        <ol class="deeds small" tabIndex={0} aria-label={x.log} data-testid="deeds">
          {[...deeds.value].reverse().map((d) => (
            <li key={d.rev}>
              <span class="num muted">{formatClock(d.at, lang.value)}</span>
              <span><strong>{mineIs(d) ? x.me : x.someone(d)}</strong> {x.deeds[d.what]?.(d.of) ?? d.what}</span>
            </li>
          ))}
        </ol>
      )}
    </Dialog>
  );
}

/** The way to the alarms, with how many stand. */
export function AlarmButton({ onOpen }: { onOpen: () => void }) {
  const x = w.value;
  const n = vitals.value.alarms.length;
  return (
    <button type="button" class="btn bare small" onClick={onOpen} data-testid="open-alarms">
      <BellRing size={18} aria-hidden="true" />
      <span class="label">{x.alarms}</span>
      {n > 0 && <span class={`count num ${vitals.value.alarms.some((a) => a.bad) ? 'bad' : 'some'}`}>{number(n)}</span>}
    </button>
  );
}
