import { useEffect, useRef, useState } from 'preact/hooks';
import { Cpu, SignalHigh, SignalLow, SignalMedium } from 'lucide-preact';
import { lang } from '../../i18n';
import type { Health } from '../../media/publisher';
import { formatNumber } from '../../time';
import type { Studio } from './studio';
import { w } from './words';

export type Grade = 'wait' | 'good' | 'slow' | 'cpu' | 'bad';
const WARM_MS = 8000; // a connection always starts low and climbs: nothing to worry anybody with
const HOLD_MS = 4000; // a grade is shown when it has held for so long

/** Puts one second's numbers into one word. Pure. */
export function grade(h: Health): Grade {
  if (h.lost > 0.08 || h.rttMs > 800 || (h.availableKbps > 0 && h.availableKbps < 150)) return 'bad';
  if (h.limited === 'bandwidth' || !h.best) return 'slow';
  if (h.limited === 'cpu') return 'cpu';
  return 'good';
}

/** The uplink in plain words; the numbers are for who wants them. */
export function HealthLine({ studio }: { studio: Studio }) {
  const p = studio.camera.value;
  const h = p?.health.value ?? null;
  const status = p?.status.value;
  const [shown, setShown] = useState<Grade>('wait');
  const seen = useRef<{ grade: Grade; at: number }>({ grade: 'wait', at: 0 });
  const born = useRef(performance.now());
  useEffect(() => {
    if (status === 'live') born.current = performance.now();
    setShown('wait');
  }, [status, p]);
  useEffect(() => {
    if (!h || status !== 'live') return;
    const at = performance.now();
    if (at - born.current < WARM_MS) return;
    const g = grade(h);
    if (g !== seen.current.grade) seen.current = { grade: g, at };
    if (shown === 'wait' || at - seen.current.at >= HOLD_MS) setShown(g);
  }, [h, status]);

  const x = w.value;
  const told: Record<Grade, { text: string; hint?: string; Icon: typeof Cpu }> = {
    wait: { text: x.healthWait, Icon: SignalMedium },
    good: { text: x.healthGood, Icon: SignalHigh },
    slow: { text: x.healthSlow, hint: (h && !h.best && x.healthSteps[h.step]) || '', Icon: SignalMedium },
    cpu: { text: x.healthCpu, hint: x.healthCpuHint, Icon: Cpu },
    bad: { text: x.healthBad, hint: x.healthBadHint, Icon: SignalLow },
  };
  const now = told[shown];
  const screen = studio.screen.value?.health.value;
  const rate = (kbps: number) => x.mbit(formatNumber(kbps / 1000, lang.value));
  return (
    <details class={`health ${shown}`} data-testid="health" data-grade={shown}>
      <summary>
        <now.Icon size={20} aria-hidden="true" />
        <span role="status">
          {now.text}
          {now.hint && <span class="small hint">{now.hint}</span>}
          {screen && !screen.best && <span class="small hint" data-testid="health-screen">{x.healthScreen}</span>}
        </span>
      </summary>
      {h && (
        <p class="small num muted">
          {x.healthDetail(rate(h.kbps), h.height ? `${h.height}p${h.fps}` : '–', formatNumber(h.rttMs, lang.value),
            formatNumber(h.lost * 100, lang.value))}
          {h.availableKbps > 0 && <> · {x.healthRoom(rate(h.availableKbps))}</>}
        </p>
      )}
    </details>
  );
}
