import { useEffect } from 'preact/hooks';
import type { Socket } from '../socket';
import type { Viewer } from './viewer';

/** Starts the picture when the socket says welcome anew, and ends both with the page. */
export function useWatching(socket: Socket, media: Viewer | null): void {
  useEffect(() => {
    socket.onWelcome = (_, fresh) => {
      if (fresh || media?.status.value === 'idle') media?.start();
    };
    return () => {
      media?.close();
      socket.stop();
    };
  }, [socket, media]);
}
