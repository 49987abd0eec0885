import { useId, useState } from 'preact/hooks';
import { DoorOpen, LifeBuoy, Megaphone, Timer, Trash2 } from 'lucide-preact';
import type { Socket } from '../../socket';
import { lesson } from '../../store/lesson';
import { notice } from '../../store/state';
import { second } from '../../time';
import type { Pupil } from '../../wire.gen';
import { useTell, type Tell } from './people';
import { numberOf, timeLeft } from './roombar';
import { w } from './words';

type Way = 'even' | 'hand' | 'choice';
const WAYS: Way[] = ['even', 'hand', 'choice'];

/** Breakout rooms: made, filled, opened for a time, visited, called back. */
export function Rooms({ socket }: { socket: Socket }) {
  const tell = useTell(socket);
  return (
    <div class="rooms">
      {lesson.value.rooms.length === 0 ? <Make tell={tell} /> : <Made tell={tell} />}
      <Announcement tell={tell} />
    </div>
  );
}

function Make({ tell }: { tell: Tell }) {
  const x = w.value;
  const ids = { n: useId(), way: useId() };
  const here = lesson.value.people?.length ?? 0;
  const [n, setN] = useState(Math.min(20, Math.max(2, Math.round(here / 5))));
  const [way, setWay] = useState<Way>('even');
  return (
    <form class="stack" data-testid="rooms-make" onSubmit={(e) => {
      e.preventDefault();
      void tell('rooms.make', { count: n, way });
    }}>
      <p class="muted">{x.roomsLead}</p>
      <div class="field">
        <label for={ids.n}>{x.roomsCount}</label>
        <input id={ids.n} class="input num" type="number" min={2} max={20} required value={n} data-testid="rooms-count"
          onInput={(e) => setN(Number(e.currentTarget.value))} />
      </div>
      <fieldset class="ways">
        <legend>{x.way}</legend>
        {WAYS.map((k) => (
          <label key={k} class="way">
            <input type="radio" name={ids.way} checked={way === k} onChange={() => setWay(k)} data-testid={`way-${k}`} />
            {x.ways[k]}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="btn" data-testid="rooms-create">{x.roomsMake}</button>
    </form>
  );
}

function Made({ tell }: { tell: Tell }) {
  void second.value;
  const x = w.value;
  const l = lesson.value;
  const people = l.people ?? [];
  const id = useId();
  const [minutes, setMinutes] = useState(10);
  return (
    <>
      <div class="rooms-time">
        {l.open && (
          <p class="rooms-left" data-testid="rooms-left"><Timer size={20} aria-hidden="true" />{l.until > 0 ? x.left(timeLeft(l.until)) : x.inClass}</p>
        )}
        <form class="row" onSubmit={(e) => {
          e.preventDefault();
          void tell('rooms.open', { minutes });
        }}>
          <label for={id} class="small">{x.minutes}</label>
          <input id={id} class="input num" type="number" min={0} max={480} required value={minutes} title={x.minutesHint} data-testid="rooms-minutes"
            onInput={(e) => setMinutes(Number(e.currentTarget.value))} />
          <button type="submit" class={`btn ${l.open ? 'quiet' : 'gold'}`} data-testid="rooms-open">{l.open ? x.setTime : x.roomsOpen}</button>
        </form>
        {l.open ? (
          <div class="row">
            <button type="button" class="btn" onClick={() => void tell('rooms.close', { seconds: 60 })} data-testid="rooms-recall">{x.recall}</button>
            <button type="button" class="btn danger" onClick={() => void tell('rooms.close', { seconds: 0 })} data-testid="rooms-close">{x.recallNow}</button>
          </div>
        ) : (
          <button type="button" class="btn bare small" onClick={() => void tell('rooms.make', { count: 0, way: 'hand' })} data-testid="rooms-remove">
            <Trash2 size={18} aria-hidden="true" />{x.remove}
          </button>
        )}
      </div>
      <ul class="room-list">
        {l.rooms.map((r) => (
          <li key={r.id} class={`room ${r.help ? 'helps' : ''}`} data-testid="room" data-room={r.id} data-count={r.count}>
            <div class="room-head">
              <strong>{x.room(r.n)}</strong>
              <span class="small muted">{x.count(r.count)}</span>
              {r.help && <span class="badge red"><LifeBuoy size={14} aria-hidden="true" />{x.help}</span>}
              <span class="grow" />
              {l.open && (l.here === r.id
                ? <span class="badge">{x.visiting}</span>
                : (
                  <button type="button" class="btn quiet small" onClick={() => void tell('rooms.go', { room: r.id })} data-testid="visit"
                    aria-label={`${x.visit}: ${x.room(r.n)}`}>
                    <DoorOpen size={18} aria-hidden="true" />{x.visit}
                  </button>
                ))}
            </div>
          </li>
        ))}
      </ul>
      {people.length > 0 && <h2 class="h3">{x.assign}</h2>}
      <ul class="assign">
        {people.map((p) => <Assign key={p.seat} p={p} tell={tell} />)}
      </ul>
    </>
  );
}

function Assign({ p, tell }: { p: Pupil; tell: Tell }) {
  const x = w.value;
  const id = useId();
  return (
    <li>
      <label for={id}>{p.name}<span class="sr"> {x.put(p.name)}</span></label>
      <select id={id} class="input" value={p.room} data-testid="put" onChange={(e) => void tell('rooms.put', { seat: p.seat, room: e.currentTarget.value })}>
        <option value="">{x.none}</option>
        {lesson.value.rooms.map((r) => <option key={r.id} value={r.id}>{x.room(numberOf(r.id))}</option>)}
      </select>
    </li>
  );
}

function Announcement({ tell }: { tell: Tell }) {
  const x = w.value;
  const id = useId();
  const [text, setText] = useState(notice.peek().text);
  return (
    <form class="field announce" onSubmit={(e) => {
      e.preventDefault();
      void tell('announce', { text });
    }}>
      <label for={id}>{x.announce}</label>
      <div class="row">
        <input id={id} class="input" maxLength={300} value={text} onInput={(e) => setText(e.currentTarget.value)} data-testid="announce-text" />
        <button type="submit" class="btn quiet" data-testid="announce-send"><Megaphone size={18} aria-hidden="true" />{x.send}</button>
      </div>
    </form>
  );
}
