import { useEffect, useState } from 'preact/hooks';
import { Megaphone, X } from 'lucide-preact';
import { announce } from '../../a11y';
import { lang, t } from '../../i18n';
import { agenda, notice } from '../../store/state';
import { formatElapsed, formatNumber, now, second } from '../../time';
import { w } from './words';

/** "Susunan acara": what was, what is on, what comes. */
export function AgendaList() {
  const { cues, now: at, since } = agenda.value;
  const x = w.value;
  void second.value;
  if (cues.length === 0) return null;
  const here = cues.findIndex((c) => c.id === at);
  return (
    <div class="agenda">
      <h3>{x.agenda}</h3>
      <ol data-testid="agenda">
        {cues.map((c, i) => (
          <li key={c.id} class={i === here ? 'now' : i < here ? 'past' : ''} aria-current={i === here ? 'step' : undefined}
            data-testid={i === here ? 'agenda-now' : 'agenda-cue'}>
            <span>{c.title}</span>
            <span class="small num">
              {i === here ? formatElapsed(now() - since) : c.minutes > 0 ? x.minutes(formatNumber(c.minutes, lang.value)) : ''}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** The organiser's announcement, until it is taken down or dismissed. */
export function NoticeBar() {
  const { text, at } = notice.value;
  const [closed, setClosed] = useState('');
  useEffect(() => {
    if (text) announce(`${w.value.notice}: ${text}`);
  }, [text, at]);
  if (!text || closed === at + text) return null;
  return (
    <div class="banner" role="status" data-testid="notice">
      <Megaphone size={20} aria-hidden="true" />
      <span>{text}</span>
      <button type="button" class="btn bare icon small" aria-label={t.value.close} onClick={() => setClosed(at + text)}>
        <X size={18} aria-hidden="true" />
      </button>
    </div>
  );
}
