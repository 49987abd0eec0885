import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { CircleAlert, Languages, X } from 'lucide-preact';
import { assertive, polite } from '../a11y';
import { lang, setLang, t } from '../i18n';

/** The mark: a longhouse's crossed gable, its floor and its posts. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.2"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d="M4 19 18.500 3.500M28 19 13.500 3.500M8.500 15v7.500M23.500 15v7.500M5.500 22.500h21M9 22.500v6M16 22.500v6M23 22.500v6M13 22.500V18h6v4.500" />
    </svg>
  );
}

export function LangSwitch() {
  const other = lang.value === 'id' ? 'en' : 'id';
  return (
    <button type="button" class="btn bare small lang" lang={other} onClick={() => setLang(other)}
      aria-label={t.value.otherLanguage} data-testid="lang-switch">
      <Languages size={18} aria-hidden="true" />
      <span class="long">{t.value.otherLanguage}</span>
      <span class="short">{other.toUpperCase()}</span>
    </button>
  );
}

/** Head of ordinary pages. */
export function Masthead({ children, home = true }: { children?: ComponentChildren; home?: boolean }) {
  const brand = (
    <>
      <Mark />
      {t.value.appName}
    </>
  );
  return (
    <header>
      <a class="skip" href="#main">{t.value.skipToContent}</a>
      <div class="masthead">
        <div class="inner">
          {home ? <a class="brand" href="/">{brand}</a> : <span class="brand">{brand}</span>}
          <div class="grow">{children}</div>
          <LangSwitch />
        </div>
      </div>
      <div class="weave" />
    </header>
  );
}

/** A whole page that says one thing and offers at most one way on. */
export function Notice(p: {
  icon?: JSX.Element;
  title: string;
  children?: ComponentChildren;
  testid?: string;
}) {
  return (
    <main id="main" class="centre" data-testid={p.testid}>
      <div class="notice stack" role="status">
        {p.icon}
        <h1>{p.title}</h1>
        {p.children}
      </div>
    </main>
  );
}

export function Spinner({ label }: { label?: string }) {
  return (
    <span class="row" role="status">
      <span class="spinner" aria-hidden="true" />
      {label ?? <span class="sr">{t.value.loading}</span>}
    </span>
  );
}

/** A labelled input with a hint and an error that screen readers hear together with it. */
export function Field(p: {
  label: string;
  hint?: ComponentChildren;
  error?: string;
  children: (a: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{p.label}</label>
      {p.children({ id, 'aria-describedby': `${id}-h ${id}-e`, 'aria-invalid': Boolean(p.error) })}
      <div id={`${id}-e`} role="alert">
        {p.error && (
          <span class="error">
            <CircleAlert size={18} aria-hidden="true" />
            {p.error}
          </span>
        )}
      </div>
      <div id={`${id}-h`} class="hint">{p.hint}</div>
    </div>
  );
}

/** A modal; closing by Esc or a click beside it calls onClose. One that is only read has a cross: a phone has neither. */
export function Dialog(p: { title: string; onClose: () => void; children: ComponentChildren; testid?: string; cross?: boolean; wide?: boolean }) {
  const ref = useRef<HTMLDialogElement>(null);
  const head = useId();
  useLayoutEffect(() => {
    const d = ref.current;
    d?.showModal();
    return () => d?.close();
  }, []);
  return (
    <dialog ref={ref} class={`dialog stack ${p.wide ? 'wide' : ''}`} aria-labelledby={head} data-testid={p.testid}
      onCancel={(e) => {
        e.preventDefault();
        p.onClose();
      }}
      onClick={(e) => e.target === ref.current && p.onClose()}>
      {p.cross ? (
        <div class="dialog-head">
          <h2 id={head}>{p.title}</h2>
          <button type="button" class="btn bare icon small" onClick={p.onClose} aria-label={t.value.close} title={t.value.close}>
            <X size={20} aria-hidden="true" />
          </button>
        </div>
      ) : <h2 id={head}>{p.title}</h2>}
      {p.children}
    </dialog>
  );
}

/** Tabs with the arrow keys of the ARIA pattern. The panels are the caller's. */
export function Tabs<K extends string>(p: {
  label: string;
  tabs: { key: K; label: ComponentChildren; testid?: string }[];
  value: K;
  onChange: (k: K) => void;
  panel: (k: K) => string; // id of the panel
}) {
  const move = (e: KeyboardEvent) => {
    const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    if (!step) return;
    const i = p.tabs.findIndex((x) => x.key === p.value);
    const next = p.tabs[(i + step + p.tabs.length) % p.tabs.length];
    if (!next) return;
    p.onChange(next.key);
    const list = e.currentTarget as HTMLElement;
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected=true]')?.focus());
  };
  return (
    <div class="tabs" role="tablist" aria-label={p.label} onKeyDown={move}>
      {p.tabs.map((x) => (
        <button key={x.key} type="button" role="tab" aria-selected={x.key === p.value} aria-controls={p.panel(x.key)}
          tabIndex={x.key === p.value ? 0 : -1} onClick={() => p.onChange(x.key)} data-testid={x.testid}>
          {x.label}
        </button>
      ))}
    </div>
  );
}

/** The page's two live regions; announce() speaks through them. */
export function LiveRegions() {
  return (
    <>
      <div class="sr" aria-live="polite" data-testid="polite">{polite.value}</div>
      <div class="sr" aria-live="assertive">{assertive.value}</div>
    </>
  );
}
