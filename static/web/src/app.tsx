import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Compass } from 'lucide-preact';
import { t } from './i18n';
import { Landing } from './pages/landing';
import type { Route } from './router';
import { scopeOf } from './token';
import { Boundary } from './ui/errors';
import { LiveRegions, Masthead, Notice, Spinner } from './ui/parts';

export interface PageProps {
  /** the event's id; "" on /bpsdm */
  event: string;
  /** under which this page's tokens are kept: linkToken(scope), sessionToken(scope) */
  scope: string;
}
type Page = ComponentType<PageProps>;

// Each page is its own chunk: a viewer never pays for the desk.
const pages = import.meta.glob<{ default: Page }>('./pages/{join,stage,desk,bpsdm,roster,verify,ruang,layar,pindai,uji,notulis,ringkasan}/index.tsx');

export function App({ to }: { to: Route }) {
  return (
    <Boundary>
      {'event' in to ? <Lazy page={to.page} event={to.event} /> : to.page === 'landing' ? <Landing /> : <Missing />}
      <LiveRegions />
    </Boundary>
  );
}

function Lazy({ page: name, event }: { page: string; event: string }) {
  const [page, setPage] = useState<{ View: Page } | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const load = pages[`./pages/${name}/index.tsx`];
    if (load) load().then((m) => setPage({ View: m.default }), () => setFailed(true));
    else setFailed(true);
  }, [name]);
  if (failed) {
    return (
      <Notice title={t.value.offline}>
        <p>
          <button type="button" class="btn" onClick={() => location.reload()}>{t.value.reload}</button>
        </p>
      </Notice>
    );
  }
  if (!page) return <main class="centre"><Spinner label={t.value.loading} /></main>;
  return <page.View event={event} scope={scopeOf(name, event)} />;
}

function Missing() {
  return (
    <>
      <Masthead />
      <Notice icon={<Compass size={40} aria-hidden="true" />} title={t.value.pageMissing}>
        <p>{t.value.linkMissing}</p>
      </Notice>
    </>
  );
}
