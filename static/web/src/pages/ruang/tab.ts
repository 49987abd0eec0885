import type { Desk, Hall, Person } from './data';
import type { Sender } from './queue';

/** What each tab of a hall's page is given. */
export interface TabProps {
  event: string;
  token: string;
  desk: Desk;
  hall: Hall;
  people: Person[];
  sender: Sender;
  reload: () => Promise<void>;
}
