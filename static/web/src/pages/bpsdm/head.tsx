import type { ComponentChildren } from 'preact';
import type { LucideIcon } from 'lucide-preact';

/** The head of a card of an event's page: what it is about, how it stands, and at most one thing to do. */
export function CardHead(p: { icon: LucideIcon; id: string; title: string; testid?: string; note: string; children?: ComponentChildren }) {
  return (
    <div class="rt-head">
      <p.icon size={28} aria-hidden="true" />
      <div class="rt-text">
        <h2 id={p.id}>{p.title}</h2>
        <p class="small muted" role="status" data-testid={p.testid}>{p.note}</p>
      </div>
      {p.children}
    </div>
  );
}
