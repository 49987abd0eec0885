import { useId, useState } from 'preact/hooks';
import { Accessibility, DoorOpen, Mic, MicOff, MonitorUp, Radio, Shield, ShieldOff, UserMinus, Video, VideoOff } from 'lucide-preact';
import { sentence } from '../../i18n';
import { Refusal } from '../../refusal';
import type { Socket } from '../../socket';
import { event, may, stage } from '../../store/state';
import type { SetScene, Source } from '../../wire.gen';
import { Confirm } from '../staff/confirm';
import { toast } from '../staff/toast';
import { Backup } from './backup';
import { Fare } from './fare';
import { rowKeys } from './keys';
import { w } from './words';

type Slot = 'main' | 'second' | 'interpreter';
const ICON = { camera: Video, screen: MonitorUp, interpreter: Accessibility };

/** Who is on the stage and where viewers see them. Choosing a place by hand switches the automatic layout off. */
export function Scene({ socket }: { socket: Socket }) {
  const [asking, setAsking] = useState<Source | null>(null);
  const [busy, setBusy] = useState(false);
  const auto = useId();
  const gate = useId();
  const s = stage.value;
  const x = w.value;
  const over = event.value?.phase === 'ended';
  const mayScene = may('scene') && !over;

  // What we choose from is what we see: when another operator was quicker, the server says so instead of undoing it.
  const seen = `${s.main},${s.second},${s.interpreter}`;
  const set = async (scene: Omit<SetScene, 'seen'>) => {
    if (busy) return;
    setBusy(true);
    try {
      await socket.request('scene', { ...scene, seen });
    } catch (e) {
      toast(e instanceof Refusal && e.code === 'scene_moved' ? 'info' : 'error', x.sceneFailed, sentence(e));
    } finally {
      setBusy(false);
    }
  };
  const put = (id: string, slot: Slot) => {
    const next: Omit<SetScene, 'seen'> = { main: s.main, second: s.second, interpreter: s.interpreter, auto: false, layout: s.layout };
    const had = next[slot] === id;
    for (const k of ['main', 'second', 'interpreter'] as const) {
      if (next[k] === id) next[k] = ''; // a source stands in one place at most
    }
    if (!had) next[slot] = id;
    void set(next);
  };
  const mark = async (src: Source) => {
    try {
      await socket.request('backup', { owner: src.owner, on: !src.backup });
    } catch (e) {
      toast('error', x.backupFailed, sentence(e));
    }
  };
  const remove = async (src: Source) => {
    try {
      await socket.request('unpublish', { source: src.id });
    } catch (e) {
      toast('error', x.removeFailed, sentence(e));
    }
  };

  const ask = async <K extends 'place' | 'gate'>(what: K, d: Parameters<typeof socket.request<K>>[1]) => {
    try {
      await socket.request(what, d);
    } catch (e) {
      toast('error', x.sceneFailed, sentence(e));
    }
  };
  const hold = async (src: Source, change: { sound?: boolean; picture?: boolean }) => {
    try {
      await socket.request('hold', {
        source: src.id, sound: src.heldSound === true, picture: src.heldPicture === true, ...change,
      });
    } catch (e) {
      toast('error', x.holdFailed, sentence(e));
    }
  };

  const on = s.sources.filter((src) => !src.behind);
  const behind = s.sources.filter((src) => src.behind);
  const list = (sources: Source[]) => (
    <ul class="sources">
      {sources.map((src) => (
        <SourceRow key={src.id} src={src} busy={busy} onPut={mayScene && !src.behind ? (slot) => put(src.id, slot) : null}
          onPlace={may('stage.leave.any') && !over ? () => void ask('place', { source: src.id, behind: !src.behind }) : null}
          onBackup={may('backup') && !over && src.kind !== 'interpreter' && (src.backup || on.length > 1) ? () => void mark(src) : null}
          onHold={may('hold') && !over ? (change) => void hold(src, change) : null}
          onRemove={may('stage.leave.any') && !over ? () => setAsking(src) : null} />
      ))}
    </ul>
  );
  return (
    <section class="scene" aria-label={x.stage}>
      {(!over || s.sources.length > 0) && <h2>{x.onStage}</h2>}
      {on.length === 0 ? (
        !over && <p class="small muted" data-testid="stage-empty">{behind.length ? x.nobodyOn : x.nobody}</p>
      ) : (
        list(on)
      )}
      {mayScene && on.length > 1 && <Layouts layout={s.layout} single={!s.second} onPick={(layout, single) => {
        const next = { main: s.main, second: single ? '' : s.second, interpreter: s.interpreter, layout, auto: s.auto && !single };
        void set(next);
      }} />}
      {(behind.length > 0 || s.gate) && (
        <>
          <h2>{x.behind}</h2>
          {behind.length === 0 ? <p class="small muted">{x.behindNone}</p> : list(behind)}
        </>
      )}
      {may('gate') && !over && (
        <div class="auto">
          <input id={gate} type="checkbox" role="switch" checked={s.gate} data-testid="gate"
            onChange={() => void ask('gate', { closed: !s.gate })} />
          <label for={gate}>
            {x.gate}
            <span class="small muted">{s.gate ? x.gateClosed : x.gateOpen}</span>
          </label>
        </div>
      )}
      {mayScene && (
        <div class="auto">
          <input id={auto} type="checkbox" role="switch" checked={s.auto} data-testid="scene-auto"
            onChange={() => void set({ main: s.main, second: s.second, interpreter: s.interpreter, auto: !s.auto, layout: s.layout })} />
          <label for={auto}>
            {x.autoScene}
            <span class="small muted">{s.auto ? x.autoHint : x.manualHint}</span>
          </label>
        </div>
      )}
      {may('backup.over') && !over && <Backup socket={socket} />}
      {asking && (
        <Confirm title={x.removeAsk(asking.label)} text={x.removeHint} button={x.remove} testid="remove-confirm"
          onClose={() => setAsking(null)} onYes={() => remove(asking)} />
      )}
    </section>
  );
}

/** How the pictures are laid out for everyone; a viewer may choose otherwise. */
function Layouts(p: { layout: string; single: boolean; onPick: (layout: SetScene['layout'], single: boolean) => void }) {
  const x = w.value;
  const kinds: { key: string; text: string; layout: SetScene['layout']; single: boolean }[] = [
    { key: 'large', text: x.layoutLarge, layout: '', single: false },
    { key: 'side', text: x.layoutSide, layout: 'side', single: false },
    { key: 'sign', text: x.layoutSign, layout: 'sign', single: false },
    { key: 'single', text: x.layoutSingle, layout: '', single: true },
  ];
  const now = p.single && p.layout === '' ? 'single' : p.layout || 'large';
  return (
    <div class="slots layouts" role="group" aria-label={x.layouts}>
      {kinds.map((k) => (
        <button key={k.key} type="button" aria-pressed={k.key === now} onClick={() => p.onPick(k.layout, k.single)}
          data-testid={`layout-${k.key}`}>
          {k.text}
        </button>
      ))}
    </div>
  );
}

function SourceRow(p: { src: Source; busy: boolean; onPut: ((slot: Slot) => void) | null;
  onPlace: (() => void) | null; onBackup: (() => void) | null;
  onHold: ((change: { sound?: boolean; picture?: boolean }) => void) | null; onRemove: (() => void) | null }) {
  const { src } = p;
  const s = stage.value;
  const x = w.value;
  const Icon = ICON[src.kind as keyof typeof ICON] ?? Video;
  const kind = x[`kind_${src.kind}` as 'kind_camera'] ?? src.kind;
  const slots: { slot: Slot; text: string; testid: string }[] = [
    { slot: 'main', text: x.slotMain, testid: 'scene-main' },
    { slot: 'second', text: x.slotSecond, testid: 'scene-second' },
    { slot: 'interpreter', text: x.slotSign, testid: 'scene-interpreter' },
  ];
  return (
    <li tabIndex={0} onKeyDown={(e) => rowKeys(e, {
      u: p.onPut && (() => p.onPut?.('main')),
      b: p.onPlace,
      m: p.onHold && (src.audio || src.heldSound) && (() => p.onHold?.({ sound: !src.heldSound })),
      k: p.onHold && src.kind !== 'screen' && (() => p.onHold?.({ picture: !src.heldPicture })),
      x: p.onRemove,
    })} data-testid="source" data-source={src.id} data-kind={src.kind} data-behind={src.behind === true}>
      <div class="src-head">
        <Icon size={18} aria-hidden="true" />
        <span class="src-name">
          <strong>{src.label}</strong> <span class="small muted">{kind}</span>
        </span>
        {src.silent && <span class="badge red" data-testid="source-silent">{x.silent}</span>}
        {src.backup && (
          <span class={`badge ${s.takeover?.on ? 'gold' : 'grey'}`}>{s.takeover?.on ? x.backupOn : x.backup}</span>
        )}
        <span class="src-tools">
          {p.onBackup && (
            <button type="button" class="btn bare icon small" aria-pressed={src.backup === true} onClick={p.onBackup}
              data-testid="source-backup" aria-label={`${src.backup ? x.backupUnmark : x.backupMark}: ${src.label}`}
              title={src.backup ? x.backupUnmark : x.backupMark}>
              {src.backup ? <ShieldOff size={18} aria-hidden="true" /> : <Shield size={18} aria-hidden="true" />}
            </button>
          )}
          {p.onPlace && !src.behind && (
            <button type="button" class="btn bare icon small" onClick={p.onPlace} data-testid="place-behind"
              aria-label={`${x.placeBehind}: ${src.label}`} title={x.placeBehind}>
              <DoorOpen size={18} aria-hidden="true" />
            </button>
          )}
          {p.onHold && (src.audio || src.heldSound) && (
            <button type="button" class={`btn bare icon small ${src.heldSound ? 'cut' : ''}`} aria-pressed={src.heldSound === true}
              onClick={() => p.onHold?.({ sound: !src.heldSound })} data-testid="hold-sound"
              aria-label={`${src.heldSound ? x.soundFree : x.soundHold}: ${src.label}`} title={src.heldSound ? x.soundFree : x.soundHold}>
              {src.heldSound ? <MicOff size={18} aria-hidden="true" /> : <Mic size={18} aria-hidden="true" />}
            </button>
          )}
          {p.onHold && src.kind !== 'screen' && (
            <button type="button" class={`btn bare icon small ${src.heldPicture ? 'cut' : ''}`} aria-pressed={src.heldPicture === true}
              onClick={() => p.onHold?.({ picture: !src.heldPicture })} data-testid="hold-picture"
              aria-label={`${src.heldPicture ? x.pictureFree : x.pictureHold}: ${src.label}`}
              title={src.heldPicture ? x.pictureFree : x.pictureHold}>
              {src.heldPicture ? <VideoOff size={18} aria-hidden="true" /> : <Video size={18} aria-hidden="true" />}
            </button>
          )}
          {p.onRemove && (
            <button type="button" class="btn bare icon small" onClick={p.onRemove} data-testid="source-remove"
              aria-label={x.removeOf(`${src.label} (${kind})`)} title={x.remove}>
              <UserMinus size={18} aria-hidden="true" />
            </button>
          )}
        </span>
      </div>
      <Fare source={src.id} />
      {p.onPlace && src.behind && (
        <button type="button" class="btn small" onClick={p.onPlace} data-testid="place-on">
          <Radio size={17} aria-hidden="true" />{x.placeOn}
        </button>
      )}
      <div class="slots" role="group" aria-label={x.slotsOf(`${src.label} (${kind})`)}>
        {slots.map(({ slot, text, testid }) =>
          p.onPut ? (
            <button key={slot} type="button" aria-pressed={s[slot] === src.id} aria-disabled={p.busy}
              data-testid={testid} onClick={() => p.onPut?.(slot)}>
              {text}
            </button>
          ) : (
            s[slot] === src.id && <span key={slot} class="badge">{text}</span>
          ))}
      </div>
    </li>
  );
}
