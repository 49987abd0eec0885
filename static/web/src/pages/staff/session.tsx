import { useEffect, useState } from 'preact/hooks';
import { DoorClosed, KeyRound } from 'lucide-preact';
import { t } from '../../i18n';
import { Socket } from '../../socket';
import { connection, goodbye } from '../../store/state';
import { linkToken } from '../../token';
import { Masthead, Notice, Spinner } from '../../ui/parts';
import { w } from './words';
import './staff.css';

/** Opens the page's websocket with the link's own token; null when this tab has no token. */
export function useStaffSocket(event: string, scope: string): Socket | null {
  const [socket, setSocket] = useState<Socket | null>(null);
  useEffect(() => {
    const token = linkToken(scope);
    if (!token) return;
    const s = new Socket(event, token, scope);
    setSocket(s);
    return () => s.stop();
  }, [event, scope]);
  return socket;
}

/** The page that stands for a socket which is not there yet or will not come back; null while it works. */
export function Gate({ scope }: { scope: string }) {
  if (!linkToken(scope)) {
    return (
      <>
        <Masthead home={false} />
        <Notice testid="no-link" icon={<KeyRound size={40} aria-hidden="true" />} title={w.value.noLinkTitle}>
          <p>{w.value.noLink}</p>
        </Notice>
      </>
    );
  }
  const end = goodbye.value;
  if (connection.value === 'closed' && end) {
    const title: Record<string, string> = {
      replaced: w.value.closed_replaced,
      revoked: w.value.closed_revoked,
      ended: w.value.closed_ended,
    };
    return (
      <>
        <Masthead home={false} />
        <Notice testid="closed" icon={<DoorClosed size={40} aria-hidden="true" />}
          title={title[end.reason] ?? w.value.refusedTitle}>
          <p>{end.message}</p>
          <p>
            <button type="button" class="btn" onClick={() => location.reload()}>{t.value.retry}</button>
          </p>
        </Notice>
      </>
    );
  }
  return (
    <>
      <Masthead home={false} />
      <main id="main" class="centre"><Spinner label={t.value.connecting} /></main>
    </>
  );
}

/** A link of another role was opened here. */
export function WrongPage() {
  return (
    <>
      <Masthead home={false} />
      <Notice testid="wrong-page" icon={<KeyRound size={40} aria-hidden="true" />} title={t.value.noAccess}>
        <p>{w.value.wrongPage}</p>
      </Notice>
    </>
  );
}
