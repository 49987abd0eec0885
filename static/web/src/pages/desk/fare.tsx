import { lang } from '../../i18n';
import { vitals } from '../../store/state';
import { formatNumber } from '../../time';
import { w } from './alarmwords';

const QUIET = 30; // dB above silence from which the bar begins; speech is 70 and more
const LOUD = 105;

/** How what a source sends arrives at the server: what is wrong first, in words, then the figures. */
export function Fare({ source }: { source: string }) {
  const v = vitals.value.sources.find((s) => s.source === source);
  const x = w.value;
  if (!v) return null;
  const n = (value: number) => formatNumber(value, lang.value);
  const ill = [
    v.voice === 'gone' ? x.voice.gone(Math.floor(v.voiceMs / 1000)) : '',
    v.picture === 'frozen' || v.picture === 'still' || v.picture === 'small' ? x.picture[v.picture] : '',
  ].filter(Boolean);
  const off = [v.voice === 'mute' || v.voice === 'held' ? x.voice[v.voice] : '', v.picture === 'held' ? x.picture.held : ''].filter(Boolean);
  const best = v.layers[v.layers.length - 1];
  const kbps = v.layers.reduce((sum, l) => sum + l.kbps, 0);
  const size = (l: { lines: number; kbps: number }) => (l.lines > 0 ? `${l.lines}p ${n(l.kbps)} kbit/s` : `${n(l.kbps)} kbit/s`);
  const figures = [
    best && (best.lines > 0 ? `${best.lines}p` : ''),
    kbps > 0 && (kbps >= 1000 ? `${n(kbps / 1000)} Mbit/s` : `${n(kbps)} kbit/s`),
    v.codec,
    v.rtt > 0 && `${n(v.rtt)} ms`,
    v.loss >= 0.1 && x.loss(n(v.loss)),
    x.by[v.by],
  ].filter(Boolean);
  const level = Math.max(0, Math.min(1, (v.level - QUIET) / (LOUD - QUIET)));
  return (
    <div class="fare small" data-testid="fare" data-voice={v.voice} data-picture={v.picture}>
      {v.voice === 'ok' && v.level >= 0 && (
        <span class="level" role="img" aria-label={`${x.level}: ${n(Math.round(level * 100))} %`}><span style={{ width: `${level * 100}%` }} /></span>
      )}
      {ill.map((text) => <strong key={text} class="ill">{text}</strong>)}
      {off.map((text) => <strong key={text}>{text}</strong>)}
      <span class="num muted" title={v.layers.length > 1 ? x.sizes(v.layers.map(size).join(', ')) : undefined}>{figures.join(' · ')}</span>
    </div>
  );
}
