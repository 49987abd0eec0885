import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ArrowLeft } from 'lucide-preact';
import { focusOn, setTitle } from '../../a11y';
import type { PageProps } from '../../app';
import { getEvent } from '../../api';
import { linkToken } from '../../token';
import { Masthead } from '../../ui/parts';
import { Gate } from '../staff/session';
import { Toasts } from '../staff/toast';
import { Codes } from './codes';
import './roster.css';
import { Upload } from './upload';
import { w } from './words';

/** BPSDM's page of an event's people: take in lists, give out personal codes. */
export default function Roster({ scope }: PageProps) {
  const token = linkToken(scope) || linkToken('bpsdm');
  const event = new URLSearchParams(location.search).get('kegiatan') ?? '';
  const [title, setEventTitle] = useState('');
  const [round, setRound] = useState(0);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => setTitle(w.value.title, title), [w.value, title]);
  useLayoutEffect(() => focusOn(head.current), []);
  useEffect(() => {
    if (event) getEvent(event).then((e) => setEventTitle(e.title), () => {});
  }, []);
  if (!token) return <Gate scope={scope} />;
  return (
    <>
      <div class="ro-screen">
        <Masthead home={false}>
          <span class="bp-where">BPSDM</span>
        </Masthead>
      </div>
      <main id="main" class="page ro">
        <div class="ro-screen">
          <a class="btn bare small" href={`/bpsdm${event ? `?kegiatan=${event}` : ''}`} data-testid="back">
            <ArrowLeft size={18} aria-hidden="true" />
            {w.value.back}
          </a>
          <h1 ref={head}>{w.value.title}</h1>
          <p class="muted">{event ? title : w.value.noEvent}</p>
        </div>
        {event && (
          <>
            <div class="ro-screen">
              <Upload token={token} event={event} onSaved={() => setRound((n) => n + 1)} />
            </div>
            <Codes key={round} token={token} event={event} />
          </>
        )}
      </main>
      <Toasts />
    </>
  );
}
