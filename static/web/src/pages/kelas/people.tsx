import { useState } from 'preact/hooks';
import { Hand, LifeBuoy, Lock, Mic, MicOff, MonitorUp, Search, UserX, VideoOff } from 'lucide-preact';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { lesson } from '../../store/lesson';
import { toast } from '../staff/toast';
import type { Pupil } from '../../wire.gen';
import { numberOf } from './roombar';
import { w } from './words';

export type Tell = (t: Parameters<Socket['request']>[0], d: object) => Promise<boolean>;

/** Sends what a trainer decided; tells why when it is refused. */
export function useTell(socket: Socket): Tell {
  return async (t, d) => {
    try {
      await socket.request(t, d as never);
      return true;
    } catch (e) {
      toast('error', sentence(e));
      return false;
    }
  };
}

/** Who is here: raised hands first, in their order. */
export function People({ socket, onBan }: { socket: Socket; onBan: (seat: string) => void }) {
  const [find, setFind] = useState('');
  const l = lesson.value;
  const x = w.value;
  const tell = useTell(socket);
  const all = l.people ?? [];
  const wanted = find.trim().toLowerCase();
  const list = all
    .filter((p) => !wanted || `${p.name} ${p.unit}`.toLowerCase().includes(wanted))
    .sort((a, b) => (a.hand || 1e9) - (b.hand || 1e9) || a.name.localeCompare(b.name, 'id'));
  return (
    <div class="people">
      <div class="people-head">
        <button type="button" class="btn gold" data-testid="mute-all"
          onClick={() => void tell('class.quiet', { source: '' }).then((done) => done && toast('good', x.muteAllDone))}>
          <MicOff size={20} aria-hidden="true" />
          {x.muteAll}
        </button>
        <Switch label={x.lock} hint={x.lockHint} on={l.lock} testid="lock" icon={<Lock size={18} aria-hidden="true" />}
          onChange={(lock) => void tell('class.rules', { share: l.share, lock })} />
        <Switch label={x.shareAll} on={l.share} testid="share-all" icon={<MonitorUp size={18} aria-hidden="true" />}
          onChange={(share) => void tell('class.rules', { share, lock: l.lock })} />
      </div>
      {all.length > 8 && (
        <label class="find">
          <Search size={18} aria-hidden="true" />
          <input class="input" type="search" aria-label={x.find} placeholder={x.find} value={find} onInput={(e) => setFind(e.currentTarget.value)} />
        </label>
      )}
      {all.length === 0 && <p class="nothing">{x.nobody}</p>}
      <ul class="people-list" data-testid="people">
        {list.map((p) => <Row key={p.seat} p={p} tell={tell} onBan={onBan} />)}
      </ul>
    </div>
  );
}

function Row({ p, tell, onBan }: { p: Pupil; tell: Tell; onBan: (seat: string) => void }) {
  const l = lesson.value;
  const x = w.value;
  const muted = p.source !== '' && p.muted;
  return (
    <li class={`pupil ${p.hand > 0 ? 'raised' : ''}`} data-testid="pupil" data-seat={p.seat}>
      <div class="who">
        <p class="pupil-name">
          {p.hand > 0 && <span class="badge gold"><Hand size={14} aria-hidden="true" />{x.hand(p.hand)}</span>}
          {p.help && <span class="badge red"><LifeBuoy size={14} aria-hidden="true" />{x.needsHelp}</span>}
          <strong>{p.name}</strong>
        </p>
        <p class="small muted">
          {[p.unit, l.rooms.length > 0 ? (p.room ? x.room(numberOf(p.room)) : x.none) : ''].filter(Boolean).join(' · ')}
        </p>
      </div>
      <div class="pupil-do">
        {p.hand > 0 && (
          <button type="button" class="btn bare icon small" aria-label={x.of(x.handDown, p.name)} title={x.handDown} data-testid="hand-down"
            onClick={() => void tell('lower', { hand: p.handId })}>
            <Hand size={18} aria-hidden="true" />
          </button>
        )}
        {p.source === '' ? (
          <span class="no-cam" title={x.noCamera}><VideoOff size={18} role="img" aria-label={x.noCamera} /></span>
        ) : p.quiet ? (
          <button type="button" class={`btn icon small ${p.called ? 'gold' : 'bare cut'}`} aria-pressed={p.called} data-testid="call-on"
            aria-label={x.of(x.call, p.name)} title={x.call} onClick={() => void tell('class.call', { source: p.source })}>
            <MicOff size={18} aria-hidden="true" />
          </button>
        ) : (
          <button type="button" class="btn bare icon small" data-testid="quiet" aria-label={x.of(x.quiet, p.name)} title={x.quiet}
            onClick={() => void tell('class.quiet', { source: p.source })}>
            {muted ? <MicOff size={18} aria-hidden="true" /> : <Mic size={18} aria-hidden="true" />}
          </button>
        )}
        <button type="button" class={`btn icon small ${p.share ? 'gold' : 'bare'}`} aria-pressed={p.share} data-testid="grant"
          aria-label={x.of(p.share ? x.revoke : x.grant, p.name)} title={p.share ? x.revoke : x.grant}
          onClick={() => void tell('class.grant', { seat: p.seat, on: !p.share })}>
          <MonitorUp size={18} aria-hidden="true" />
        </button>
        <button type="button" class="btn bare icon small" data-testid="remove" aria-label={x.of(x.removePerson, p.name)} title={x.removePerson}
          onClick={() => onBan(p.seat)}>
          <UserX size={18} aria-hidden="true" />
        </button>
      </div>
    </li>
  );
}

function Switch(p: { label: string; hint?: string; on: boolean; testid: string; icon: preact.JSX.Element; onChange: (on: boolean) => void }) {
  return (
    <button type="button" role="switch" class="switch" aria-checked={p.on} title={p.hint} data-testid={p.testid} onClick={() => p.onChange(!p.on)}>
      {p.icon}
      <span class="text">{p.label}</span>
      <span class="knob" aria-hidden="true" />
    </button>
  );
}
