import { useEffect, useMemo } from 'preact/hooks';
import { Socket } from '../socket';
import { missing } from './pc';
import { Choice } from './quality';
import { Viewer } from './viewer';

/** What a page that watches an event holds. media is null where the browser cannot do it. */
export interface Watching {
  socket: Socket;
  choice: Choice;
  media: Viewer | null;
}

/**
 * Watches an event as long as the page stands: the picture starts when the socket says welcome anew, and both end with
 * the page. Another run is another session.
 */
export function useWatching(event: string, token: string, scope: string, run = 0): Watching {
  const socket = useMemo(() => new Socket(event, token, scope), [event, token, run]);
  const choice = useMemo(() => new Choice(), []);
  const media = useMemo(() => (missing(false) ? null : new Viewer(socket, choice.pin)), [socket, choice]);
  useEffect(() => {
    socket.onWelcome = (_, fresh) => {
      if (fresh || media?.status.value === 'idle') media?.start();
    };
    return () => {
      media?.close();
      socket.stop();
    };
  }, [socket, media]);
  return { socket, choice, media };
}
