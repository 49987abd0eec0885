import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { AudioLines, Gauge, Leaf, Smartphone } from 'lucide-preact';
import { lang, t } from '../../i18n';
import { cost, NOMINAL_MB, PINS, type Choice, type Pin } from '../../media/quality';
import type { Viewer } from '../../media/viewer';
import { rung, stage } from '../../store/state';
import { formatNumber } from '../../time';
import { Dialog } from '../../ui/parts';
import { w } from './words';

const number = (mb: number): string => formatNumber(mb, lang.value);

/** "Mode hemat data" in one tap, and what the picture is and costs now. */
export function QualityTools({ media, choice }: { media: Viewer; choice: Choice }) {
  const [open, setOpen] = useState(false);
  const before = useRef<Pin>('auto'); // what the tap goes back to
  const x = w.value;
  const pin = choice.pin.value;
  const saving = pin === 'save';
  const on = media.status.value === 'connected';
  // In the waiting room nothing plays: the choice is named, and what it will cost.
  const plays = on && Boolean(stage.value.main || stage.value.second || stage.value.interpreter);
  const r = plays ? rung.value : null;
  const name = r ? x.rungs[r.rung] : x.pins[pin];
  const c = cost(plays ? media.mbPerHour.value : 0, r !== null, r?.kbps ?? 0, pin);
  const mb = c.about ? x.perHourAbout(number(c.mb)) : x.perHour(number(c.mb));
  const toggle = () => {
    if (!saving) before.current = pin;
    choice.choose(saving ? before.current : 'save');
  };
  return (
    <div class="tools">
      <button type="button" class="btn bare small save" aria-pressed={saving} onClick={toggle} data-testid="save-data"
        title={saving ? x.saveOn : x.saveOff}>
        <Leaf size={18} aria-hidden="true" />
        {x.save}
      </button>
      <button type="button" class="btn bare small quality" onClick={() => setOpen(true)} data-testid="quality"
        data-rung={rung.value?.rung ?? ''} data-reason={rung.value?.reason ?? ''} data-mb={on ? media.mbPerHour.value : 0}>
        <Gauge size={18} aria-hidden="true" />
        <span class="sr">{x.qualityIs} </span>
        <span class="two">
          <span>{name} </span>
          <span class="num">{mb}</span>
        </span>
      </button>
      {open && <Menu media={media} choice={choice} onClose={() => setOpen(false)} />}
    </div>
  );
}

function Menu({ media, choice, onClose }: { media: Viewer; choice: Choice; onClose: () => void }) {
  const x = w.value;
  const group = useId();
  const mb = media.mbPerHour.value;
  return (
    <Dialog title={x.quality} onClose={onClose} testid="quality-dialog">
      <p class="small muted">{x.qualityLead}</p>
      <fieldset class="pins">
        <legend class="sr">{x.quality}</legend>
        {PINS.map((p) => (
          <label key={p} class={choice.pin.value === p ? 'on' : ''}>
            <input type="radio" name={group} checked={choice.pin.value === p} onChange={() => choice.choose(p)}
              data-testid={`pin-${p}`} />
            <span class="what">
              <strong>{x.pins[p]}</strong>
              <span class="small muted">{x.pinHints[p]}</span>
            </span>
            <span class="small num">{x.perHourAbout(number(NOMINAL_MB[p]))}</span>
          </label>
        ))}
      </fieldset>
      {mb > 0 && <p class="num" data-testid="mb-measured">{x.qualityMeasured(number(mb))}</p>}
      <p class="small muted">{x.qualityKept}</p>
      <button type="button" class="btn wide" onClick={onClose} data-testid="quality-close">{t.value.close}</button>
    </Dialog>
  );
}

const HOLD_MS = 6000; // every connection climbs from below: nothing to worry anybody with

/** Tells in plain words why the picture is small, and that the device saves because of the network it is on. */
export function QualityNote({ choice }: { choice: Choice }) {
  const x = w.value;
  const r = rung.value;
  const small = r !== null && r.rung !== 'voice' && r.rung !== 'high';
  const slow = small && (r.reason === 'network' || r.reason === 'busy') ? r.rung : '';
  const [shown, setShown] = useState(false);
  const [read, setRead] = useState(false);
  useEffect(() => {
    setShown(false);
    if (!slow) return;
    const timer = setTimeout(() => setShown(true), HOLD_MS);
    return () => clearTimeout(timer);
  }, [slow !== '']);
  const why = choice.because.value;
  return (
    <div role="status" class="notes">
      {why && !read && (
        <p class="note" data-testid="frugal">
          <Smartphone size={18} aria-hidden="true" />
          <span>{why === 'saver' ? x.saverNote : x.cellularNote}</span>
          <button type="button" class="btn bare small" onClick={() => choice.choose('auto')} data-testid="frugal-off">
            {x.saveStop}
          </button>
          <button type="button" class="btn bare small" onClick={() => setRead(true)}>{x.gotIt}</button>
        </p>
      )}
      {slow && shown && (
        <p class="note" data-testid="slow">
          <Gauge size={18} aria-hidden="true" />
          <span>{r?.reason === 'busy' ? x.busyPicture : slow === 'slides' ? x.slowSlides : x.slowPicture} {t.value.stillCounted}.</span>
        </p>
      )}
    </div>
  );
}

const BARS = 24;

/** Stands where the picture would be when only the voice comes: who speaks, that it is heard, and why there is no picture. */
export function VoiceCard({ media, choice, name }: { media: Viewer; choice: Choice; name: string }) {
  const ref = useRef<HTMLDivElement>(null);
  const x = w.value;
  const reason = rung.value?.reason ?? 'best';
  const chosen = reason === 'chosen' || reason === 'saving';
  const why = chosen
    ? x.voiceChosen
    : reason === 'busy'
      ? x.voiceBusy
      : reason === 'network' || reason === 'start'
        ? x.voiceSlow
        : x.voiceSource;
  useEffect(() => {
    // The last seconds of the voice, as bars that run to the left.
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const past = new Array<number>(BARS).fill(0);
    const timer = setInterval(async () => {
      const loud = await media.level().catch(() => 0);
      past.shift();
      past.push(Math.min(1, Math.sqrt(loud) * 1.4));
      const bars = ref.current?.children;
      for (let i = 0; bars && i < BARS; i++) {
        (bars[i] as HTMLElement).style.transform = `scaleY(${Math.max(0.06, past[i] ?? 0)})`;
      }
    }, 100);
    return () => clearInterval(timer);
  }, [media]);
  return (
    <div class="voice-card" data-testid="voice-only">
      <p class="eyebrow"><AudioLines size={18} aria-hidden="true" />{x.voiceTitle}</p>
      <p class="title">{name}</p>
      <div ref={ref} class="bars" aria-hidden="true">{Array.from({ length: BARS }, (_, i) => <i key={i} />)}</div>
      <p class="small">{why}</p>
      <p class="small counted">{t.value.stillCounted}</p>
      {chosen && choice.pin.value === 'voice' && (
        <button type="button" class="btn gold small" onClick={() => choice.choose('auto')} data-testid="show-picture">
          {x.voiceShow}
        </button>
      )}
    </div>
  );
}
