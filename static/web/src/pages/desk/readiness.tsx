import { useEffect, useState } from 'preact/hooks';
import { api, type Region } from '../../api';
import { sentence } from '../../i18n';
import { event } from '../../store/state';
import { linkToken } from '../../token';
import { toneOf, type Verdict } from '../uji/verdict';
import { w } from './words';

interface Report {
  region: string;
  unit: string;
  verdict: Verdict;
  udp: boolean;
  tcp: boolean;
  tls: boolean;
  kbps: number;
}
interface Page {
  regions: Region[];
  reports: Report[];
}

/** What offices reported of their networks on the page "Uji perangkat", by regency; who has not reported shows too. */
export function Readiness({ scope }: { scope: string }) {
  const x = w.value;
  const [page, setPage] = useState<Page | null>(null);
  const [error, setError] = useState('');
  const id = event.value?.id ?? '';
  useEffect(() => {
    api<Page>('GET', `/api/events/${id}/readiness`, { token: linkToken(scope) }).then(setPage, (e: unknown) => setError(sentence(e)));
  }, [id]);
  if (error) return <p class="error" role="alert">{error}</p>;
  if (!page) return null;
  const rows = page.regions
    .map((r) => ({ ...r, reports: page.reports.filter((q) => q.region === r.code) }))
    .sort((a, b) => b.reports.length - a.reports.length || a.name.localeCompare(b.name));
  const silent = rows.filter((r) => r.reports.length === 0);
  return (
    <div class="readiness" data-testid="readiness">
      <h3>{x.readyTitle}</h3>
      <p class="small muted">{x.readyHint(page.reports.length)}</p>
      <ul class="regions">
        {rows.filter((r) => r.reports.length > 0).map((r) => (
          <li key={r.code} data-testid="ready-region" data-code={r.code} data-n={r.reports.length}>
            <details>
              <summary>
                {r.name} <Standing reports={r.reports} />
              </summary>
              <ul>
                {r.reports.map((q) => (
                  <li key={q.unit}>
                    {q.unit}: <strong class={toneOf(q.verdict, q.udp)}>{x.readyVerdict[q.verdict]}</strong>
                    {!q.udp && <span>, {q.tcp ? x.readyTcp : q.tls ? x.readyTls : x.readyShut}</span>}
                  </li>
                ))}
              </ul>
            </details>
          </li>
        ))}
      </ul>
      {silent.length > 0 && (
        <details class="small">
          <summary>{x.readyNone(silent.length)}</summary>
          <p class="muted">{silent.map((r) => r.name).join(', ')}</p>
        </details>
      )}
    </div>
  );
}

/** How many offices of a regency are ready, and how many of those by a backup way alone: there somebody must open UDP. */
function Standing({ reports }: { reports: Report[] }) {
  const x = w.value;
  const ready = reports.filter((q) => q.verdict !== 'none');
  const backup = ready.filter((q) => !q.udp).length;
  return (
    <>
      <strong class={`num${ready.length < reports.length ? ' bad' : ''}`}>{x.readyOf(ready.length, reports.length)}</strong>{' '}
      {backup > 0 && <span class="badge gold" data-testid="ready-backup" data-n={backup}>{x.readyBackup(backup)}</span>}
    </>
  );
}
