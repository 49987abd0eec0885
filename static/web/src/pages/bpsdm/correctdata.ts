import { api } from '../../api';
import { pathOf } from './data';
import type { DeskRow } from './deskdata';

/** A correction that the desk begins itself; see signaling/api/corrections.go. */
export const correct = (
  token: string,
  event: string,
  body: ({ person: string } | { nip: string; name: string; unit: string }) & { void: boolean; from: number; to: number; reason: string; who: string },
): Promise<DeskRow[]> => api('POST', `${pathOf(event)}/corrections`, { token, body });

/** What the two forms of such a correction are given: for a person of the list, and for one who is not on it. */
export interface CorrectProps {
  token: string;
  event: string;
  startsAt: string; // as planned, RFC 3339
  endsAt: string;
  onClose: () => void;
  onDone: (rows: DeskRow[]) => void;
}
