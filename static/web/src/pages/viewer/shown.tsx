import { Megaphone } from 'lucide-preact';
import { shown } from '../../store/state';
import { w } from './words';

/** The question that the moderator chose, under the pictures. */
export function ShownQuestion() {
  const q = shown.value;
  if (!q) return null;
  return (
    <section class="on-stage" aria-live="polite" aria-label={w.value.onStage} tabIndex={0} data-testid="shown-question">
      <Megaphone size={22} aria-hidden="true" />
      <div>
        <p class="head">{w.value.onStage}</p>
        <p class="text">{q.text}</p>
        <p class="small">{w.value.fromUnit(q.unit, q.region)}</p>
      </div>
    </section>
  );
}
