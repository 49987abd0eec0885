import { useState } from 'preact/hooks';
import { Ban, Hand, MicVocal, UserCheck, X } from 'lucide-preact';
import { lang, sentence, t } from '../../i18n';
import { Refusal } from '../../refusal';
import type { Socket } from '../../socket';
import { desk, event, may } from '../../store/state';
import { formatElapsed, formatNumber, now, second } from '../../time';
import { Dialog, Field } from '../../ui/parts';
import { MaxBanReason, type RaisedHand } from '../../wire.gen';
import { toast } from '../staff/toast';
import { rowKeys } from './keys';
import { w } from './words';

const FIRST = 3; // hands that are drawn before one asks for all

/** Who wants to speak, in the order of asking; those who may stand above. */
export function Hands({ socket }: { socket: Socket }) {
  const [banning, setBanning] = useState<RaisedHand | null>(null);
  const [busy, setBusy] = useState('');
  const [all, setAll] = useState(false);
  const { hands, bans } = desk.value;
  const x = w.value;
  void second.value;
  const act = async (h: RaisedHand, what: 'invite' | 'lower') => {
    if (busy) return;
    setBusy(h.id);
    try {
      await socket.request(what, { hand: h.id });
    } catch (e) {
      if (e instanceof Refusal && e.code === 'hand_unknown') toast('info', x.handGone, h.name);
      else toast('error', x.handFailed, sentence(e));
    } finally {
      setBusy('');
    }
  };
  const row = (h: RaisedHand, n: number) => (
    <li key={h.id} class={`hand-row ${h.status}`} tabIndex={0} onKeyDown={(e) => rowKeys(e, {
      i: h.status === 'waiting' && may('invite') && (() => void act(h, 'invite')),
      r: may('invite') && (() => void act(h, 'lower')),
    })} data-testid="hand-row" data-id={h.id} data-status={h.status}>
      <span class="num place" aria-hidden="true">{h.status === 'waiting' ? n : <MicVocal size={16} />}</span>
      <span class="who">
        <strong title={h.name}>{h.name || x.guestHand}</strong>
        <span class="small muted" title={x.from(h.unit, h.region)}>{x.from(h.unit, h.region)}</span>
        <span class="small muted num">
          {h.status === 'waiting' ? x.waitedFor(formatElapsed(now() - Date.parse(h.at))) : h.status === 'invited' ? x.handInvited : x.handOn}
        </span>
      </span>
      <span class="row acts">
        {h.status === 'waiting' && may('invite') && (
          <button type="button" class="btn small" aria-disabled={busy !== ''} onClick={() => void act(h, 'invite')} data-testid="hand-invite">
            <UserCheck size={17} aria-hidden="true" />{x.invite}
          </button>
        )}
        {may('invite') && (
          <button type="button" class="btn bare icon small" aria-disabled={busy !== ''} onClick={() => void act(h, 'lower')}
            data-testid="hand-lower" title={h.status === 'stage' ? x.takeOff : x.lowerHand}
            aria-label={`${h.status === 'stage' ? x.takeOff : x.lowerHand}: ${h.name}`}>
            <X size={18} aria-hidden="true" />
          </button>
        )}
        {may('ban') && (
          <button type="button" class="btn bare icon small" onClick={() => setBanning(h)} data-testid="hand-ban" title={x.ban}
            aria-label={`${x.ban}: ${h.name}`}>
            <Ban size={17} aria-hidden="true" />
          </button>
        )}
      </span>
    </li>
  );
  const waiting = hands.filter((h) => h.status === 'waiting');
  const shown = all ? waiting : waiting.slice(0, FIRST);
  return (
    <section class="hands" aria-labelledby="hands-h" data-testid="hands">
      <h2 id="hands-h">
        <Hand size={18} aria-hidden="true" />{x.hands}
        {waiting.length > 0 && <span class="count some num">{formatNumber(waiting.length, lang.value)}</span>}
      </h2>
      {hands.length === 0 && event.value?.phase !== 'ended' && <p class="small muted">{x.handsNone}</p>}
      <ol class={`hand-list ${all ? 'all' : ''}`}>
        {hands.filter((h) => h.status !== 'waiting').map((h) => row(h, 0))}
        {shown.map((h, i) => row(h, i + 1))}
      </ol>
      {waiting.length > FIRST && (
        <button type="button" class="btn quiet small" aria-expanded={all} onClick={() => setAll(!all)} data-testid="hands-all">
          {all ? x.handsLess : x.handsAll(formatNumber(waiting.length, lang.value))}
        </button>
      )}
      {bans.length > 0 && <Bans socket={socket} />}
      {banning && <BanForm socket={socket} target={banning.id} name={banning.name} onClose={() => setBanning(null)} />}
    </section>
  );
}

/** Who must stay out, and letting them in again. */
function Bans({ socket }: { socket: Socket }) {
  const x = w.value;
  const lift = async (id: string) => {
    try {
      await socket.request('unban', { ban: id });
    } catch (e) {
      toast('error', x.handFailed, sentence(e));
    }
  };
  return (
    <details class="bans" data-testid="bans">
      <summary class="small">{x.bans(String(desk.value.bans.length))}</summary>
      <ul class="hand-list">
        {desk.value.bans.map((b) => (
          <li key={b.id} class="hand-row">
            <span class="who">
              <strong>{b.name || x.guestHand}</strong>
              <span class="small muted">{b.reason}</span>
            </span>
            {may('unban') && (
              <button type="button" class="btn quiet small" onClick={() => void lift(b.id)} data-testid="unban">{x.unban}</button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Removes somebody from the event for good, with a reason that is kept. */
export function BanForm(p: { socket: Socket; target: string; name: string; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const x = w.value;
  const go = async () => {
    if (busy) return;
    if (!reason.trim()) return setError(x.rejectNeed);
    setBusy(true);
    try {
      await p.socket.request('ban', { target: p.target, reason: reason.trim() });
      toast('good', x.banned);
      p.onClose();
    } catch (e) {
      setError(sentence(e));
      setBusy(false);
    }
  };
  return (
    <Dialog title={p.name ? x.banAsk(p.name) : x.banAskAnon} onClose={p.onClose} testid="ban-form">
      <p>{x.banHint}</p>
      <Field label={x.rejectReason} error={error}>
        {(a) => (
          <input {...a} class="input" type="text" maxLength={MaxBanReason} value={reason} data-testid="ban-reason"
            onInput={(e) => setReason(e.currentTarget.value)}
            onKeyDown={(e) => e.key === 'Enter' && void go()} />
        )}
      </Field>
      <div class="row dialog-buttons">
        <button type="button" class="btn quiet" onClick={p.onClose}>{t.value.cancel}</button>
        <button type="button" class="btn danger" aria-disabled={busy} onClick={() => void go()} data-testid="ban-yes">{x.ban}</button>
      </div>
    </Dialog>
  );
}
