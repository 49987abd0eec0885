import type { ComponentChildren } from 'preact';
import { CircleAlert, CloudOff, type LucideIcon } from 'lucide-preact';
import { sentence, t } from '../../i18n';
import { Refusal } from '../../refusal';
import { linkToken } from '../../token';
import { Spinner } from '../../ui/parts';
import { w } from './words';


export function Empty(p: { icon: LucideIcon; title: string; text: string; children?: ComponentChildren; testid?: string }) {
  return (
    <div class="bp-empty stack" data-testid={p.testid ?? 'empty'}>
      <p.icon size={36} aria-hidden="true" />
      <h2>{p.title}</h2>
      <p class="muted">{p.text}</p>
      {p.children}
    </div>
  );
}

export function Loading() {
  return (
    <div class="bp-empty" data-testid="loading">
      <Spinner label={t.value.loading} />
    </div>
  );
}

/** Nothing could be loaded at all. */
export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const denied = error instanceof Refusal && error.kind === 'NotAllowed';
  const page = error instanceof Refusal && error.code === 'home_elsewhere' ? /https?:\/\/\S+$/.exec(error.message)?.[0] : undefined;
  const elsewhere = page && `${page}#t=${linkToken('bpsdm')}`; // the servers' links open each other
  return (
    <div class="bp-empty stack" role="alert" data-testid="load-failed">
      <CircleAlert size={36} aria-hidden="true" />
      <h2>{denied ? w.value.signedOut : w.value.loadFailed}</h2>
      <p class="muted">{sentence(error)}</p>
      {elsewhere && (
        <p>
          <a class="btn primary" href={elsewhere} data-testid="home-elsewhere">{w.value.openThere}</a>
        </p>
      )}
      {!denied && (
        <p>
          <button type="button" class={elsewhere ? 'btn quiet' : 'btn'} onClick={onRetry}>{t.value.retry}</button>
        </p>
      )}
    </div>
  );
}

/** What is shown could not be refreshed. */
export function Stale({ onRetry }: { onRetry: () => void }) {
  return (
    <div class="banner bp-stale" role="status" data-testid="stale">
      <CloudOff size={20} aria-hidden="true" />
      <span>{w.value.stale}</span>
      <button type="button" class="btn quiet small" onClick={onRetry}>{t.value.retry}</button>
    </div>
  );
}
