import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../../app';
import { linkToken } from '../../token';
import { Masthead } from '../../ui/parts';
import { Gate } from '../staff/session';
import { Toasts } from '../staff/toast';
import './bpsdm.css';
import { EventList } from './events';
import { EventSheet } from './sheet';

const chosen = (): string => new URLSearchParams(location.search).get('kegiatan') ?? '';

/** BPSDM's page: the events, and the attendance of one of them. */
export default function Bpsdm({ scope }: PageProps) {
  const [event, setEvent] = useState(chosen);
  useEffect(() => {
    const back = () => setEvent(chosen());
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);
  const go = (id: string) => {
    const to = new URL(location.href);
    if (id) to.searchParams.set('kegiatan', id);
    else to.searchParams.delete('kegiatan');
    history.pushState(null, '', to);
    setEvent(id);
    scrollTo(0, 0);
  };

  const token = linkToken(scope);
  if (!token) return <Gate scope={scope} />;
  return (
    <>
      <Masthead home={false}>
        <span class="bp-where">BPSDM</span>
      </Masthead>
      <main id="main" class="page bp">
        {event ? <EventSheet key={event} id={event} token={token} go={go} /> : <EventList token={token} go={go} />}
      </main>
      <Toasts />
    </>
  );
}
