import { CalendarDays, Clock, GraduationCap, MapPin, UserRound } from 'lucide-preact';
import type { EventCard } from '../../api';
import { lang, t } from '../../i18n';
import { formatDate, formatSpan } from '../../time';
import { w } from './words';

/** What the event is, before one joins: title, speaker, time in WIB, place, JP and requirement. */
export function Card({ e }: { e: EventCard }) {
  const x = t.value;
  const l = lang.value;
  const kind = { lecture: x.kind_lecture, class: x.kind_class, forum: x.kind_forum }[e.kind];
  return (
    <section class="event-card" aria-labelledby="event-title">
      <p class="row">
        <span class="kind">{kind}</span>
        {e.phase === 'live' && <span class="badge live">{x.live}</span>}
        {e.phase === 'paused' && <span class="badge gold">{x.paused}</span>}
        {e.phase === 'scheduled' && <span class="badge gold">{x.notStarted}</span>}
        {e.phase === 'ended' && <span class="badge grey">{x.ended}</span>}
      </p>
      <h1 id="event-title">{e.title}</h1>
      <ul class="facts">
        {e.speaker && (
          <li>
            <UserRound size={20} aria-hidden="true" />
            <span><span class="sr">{x.speaker}: </span><strong>{e.speaker}</strong></span>
          </li>
        )}
        <li>
          <CalendarDays size={20} aria-hidden="true" />
          <span><span class="sr">{w.value.time}: </span>{formatDate(e.startsAt, l)}</span>
        </li>
        <li>
          <Clock size={20} aria-hidden="true" />
          <span>{formatSpan(e.startsAt, e.endsAt, l)}</span>
        </li>
        {e.place && (
          <li>
            <MapPin size={20} aria-hidden="true" />
            <span><span class="sr">{w.value.place}: </span>{e.place}</span>
          </li>
        )}
        <li>
          <GraduationCap size={20} aria-hidden="true" />
          <span><span class="sr">{w.value.credit}: </span>{x.requirement(e.jp, e.threshold)}</span>
        </li>
      </ul>
      {e.host && <p class="host">{e.host}</p>}
      {e.phase !== 'ended' && <p><a class="to-uji" href={`/k/${e.id}/uji`} data-testid="to-uji">{w.value.test}</a></p>}
    </section>
  );
}

/** The notice of UU 27/2022: short, and the rest for who opens it. Attendance is a public task: nothing to tick. */
export function Privacy({ e }: { e: EventCard }) {
  const x = w.value;
  return (
    <details class="privacy" data-testid="privacy">
      <summary>
        <strong>{t.value.privacyNotice}.</strong> {x.privacyShort(e.notice?.unit || e.host || x.privacyUnit)}{' '}
        <span class="more">{t.value.more}</span>
      </summary>
      <ul>
        {x.privacyMore.map((s) => <li key={s}>{s}</li>)}
        {e.notice?.contact && <li>{x.privacyContact(e.notice.contact)}</li>}
      </ul>
    </details>
  );
}
