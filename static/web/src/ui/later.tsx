import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { Spinner } from './parts';

/** A part of a page that is fetched when it is first shown, so that nobody waits for what they do not use. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let ready: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [, redraw] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (ready || failed) return;
      load().then((part) => {
        ready = part;
        redraw((n) => n + 1);
      }, () => setFailed(true));
    }, [failed]);
    if (ready) {
      const Part = ready;
      return <Part {...props} />;
    }
    if (!failed) return <Spinner label={t.value.loading} />;
    return (
      <p role="alert">
        {t.value.offline}{' '}
        <button type="button" class="btn quiet small" onClick={() => setFailed(false)}>{t.value.reload}</button>
      </p>
    );
  };
}
