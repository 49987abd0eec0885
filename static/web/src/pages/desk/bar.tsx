import { Ear, Keyboard, Link2, MapPin, Users } from 'lucide-preact';
import { lang } from '../../i18n';
import { counts, event } from '../../store/state';
import { formatNumber } from '../../time';
import { Dialog, LangSwitch, Mark } from '../../ui/parts';
import { Clock, Elapsed, PhaseBadge } from '../staff/phase';
import { AlarmButton, AlarmDialog } from './alarms';
import { Audience } from './audience';
import { Keys } from './keys';
import { Links } from './links';
import { Readiness } from './readiness';
import { w } from './words';

/** Which dialog of the head is open. */
export type Opened = '' | 'audience' | 'links' | 'keys' | 'alarms';

/** Head of the desk: what is on, since when, how many receive it. */
export function Bar({ scope, wide, open, setOpen }: { scope: string; wide: boolean; open: Opened; setOpen: (o: Opened) => void }) {
  const e = event.value;
  const c = counts.value;
  const x = w.value;
  const n = (v: number) => formatNumber(v, lang.value);
  const close = () => setOpen('');
  return (
    <header class="desk-bar">
      <span class="brand" aria-hidden="true"><Mark size={26} /></span>
      <div class="desk-what">
        <h1 title={e?.title}>{e?.title ?? x.title}</h1>
        <div class="row">
          {e && <PhaseBadge phase={e.phase} />}
          {e && <Elapsed event={e} />}
          <Clock />
        </div>
      </div>
      <div class="desk-nums">
        <span class="stat" data-testid="viewers">
          <Users size={18} aria-hidden="true" />
          <span><strong class="num">{n(c.viewers)}</strong> {x.watching}</span>
        </span>
        <span class="stat" title={x.hearingTitle} data-testid="hearing">
          <Ear size={18} aria-hidden="true" />
          <span><strong class="num">{n(c.hearing)}</strong> {x.hearing}</span>
        </span>
      </div>
      <div class="desk-tools">
        <AlarmButton onOpen={() => setOpen('alarms')} />
        {!wide && (
          <button type="button" class="btn bare small" onClick={() => setOpen('audience')} data-testid="open-audience">
            <MapPin size={18} aria-hidden="true" />
            <span class="label">{x.audienceShort}</span>
          </button>
        )}
        <button type="button" class="btn bare small" onClick={() => setOpen('links')} data-testid="open-links">
          <Link2 size={18} aria-hidden="true" />
          <span class="label">{x.links}</span>
        </button>
        <button type="button" class="btn bare small keys-btn" onClick={() => setOpen('keys')} data-testid="open-keys">
          <Keyboard size={18} aria-hidden="true" />
          <span class="label">{x.keys}</span>
        </button>
        <LangSwitch />
      </div>
      {open === 'audience' && (
        <Dialog title={x.audience} onClose={close} cross testid="audience-dialog">
          <Audience />
          <Readiness scope={scope} />
        </Dialog>
      )}
      {open === 'links' && <Links scope={scope} onClose={close} />}
      {open === 'keys' && <Keys onClose={close} />}
      {open === 'alarms' && <AlarmDialog onClose={close} />}
    </header>
  );
}
