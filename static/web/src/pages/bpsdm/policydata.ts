import { api } from '../../api';
import { pathOf } from './data';

export type Rounding = '' | 'nearest' | 'up';
export interface Policy {
  version: number;
  revision: number;
  minutes: number; // a JP
  threshold: number; // percent
  bridge: number; // seconds
  approved: number; // JP; 0: computed
  rounding: Rounding;
  ceremony: boolean;
  cap: number; // JP; 0: none
  levels: string; // some of ABCD
}
export interface PolicyView {
  now: Policy;
  planned: Policy;
  changes: (Policy & { at: string; who: string; reason: string })[]; // the newest first
  fixed: boolean;
  jp: number;
  rule: string;
}

export const getPolicy = (token: string, event: string, signal: AbortSignal): Promise<PolicyView> =>
  api('GET', `${pathOf(event)}/policy`, { token, signal });
export const setPolicy = (token: string, event: string, p: Policy, reason: string, who: string): Promise<PolicyView> =>
  api('POST', `${pathOf(event)}/policy`, { token, body: { ...p, reason, who } });

/** What an event of that length is worth to whoever meets the threshold: the server's own sum, to be seen while typing. */
export function worth(p: Policy, ms: number): number {
  if (p.approved > 0) return p.approved;
  if (!(p.minutes > 0) || ms <= 0) return 0;
  const exact = ms / (p.minutes * 60_000);
  const jp = p.rounding === 'up' ? Math.ceil(exact) : p.rounding === 'nearest' ? Math.floor(exact + 0.5) : Math.floor(exact);
  return p.cap > 0 ? Math.min(jp, p.cap) : jp;
}

/** The fields in which two policies differ. */
export const changed = (a: Policy, b: Policy): (keyof Policy)[] =>
  (['minutes', 'rounding', 'threshold', 'bridge', 'ceremony', 'approved', 'cap', 'levels'] as const).filter((k) => a[k] !== b[k]);
