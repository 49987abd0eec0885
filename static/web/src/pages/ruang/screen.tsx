import { useState } from 'preact/hooks';
import { ExternalLink, MonitorCheck, MonitorOff } from 'lucide-preact';
import { sentence } from '../../i18n';
import { toast } from '../staff/toast';
import { giveScreen } from './data';
import { online } from './queue';
import type { TabProps } from './tab';
import { w } from './words';

/** How the hall's computer becomes its screen. */
export function Screen(p: TabProps) {
  const [busy, setBusy] = useState(false);
  const x = w.value;
  const here = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const got = await giveScreen(p.event, p.token, p.hall.id);
      location.assign(`/k/${p.event}/layar#t=${got.token}`);
    } catch (e) {
      toast('error', x.screenHere, sentence(e));
      setBusy(false);
    }
  };
  const there = p.hall.screens > 0;
  return (
    <div class="card stack rb-screen">
      <p class="row">
        {there ? <MonitorCheck size={22} aria-hidden="true" /> : <MonitorOff size={22} aria-hidden="true" />}
        <strong>{x.screens(p.hall.screens)}</strong>
        {p.hall.receiving && <span class="badge">{x.receiving}</span>}
      </p>
      {p.hall.screenCode ? (
        <>
          <p>{x.screenLead}</p>
          <p class="rb-address">{p.hall.screenPage.replace(/^https?:\/\//, '')}</p>
          <p class="rb-code num" data-testid="hall-screen-code"><span class="sr">{x.screenCode} </span>{p.hall.screenCode}</p>
          <p class="small muted">{x.screenTurn}</p>
          <button type="button" class="btn quiet" aria-disabled={busy} onClick={() => void here()} data-testid="hall-screen-here">
            <ExternalLink size={18} aria-hidden="true" />
            {x.screenHere}
          </button>
        </>
      ) : (
        <p class="muted">{online.value ? x.closedState : x.needNet}</p>
      )}
    </div>
  );
}
