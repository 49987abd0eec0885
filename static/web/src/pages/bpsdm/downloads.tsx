import { useState } from 'preact/hooks';
import { FileSpreadsheet, FileText } from 'lucide-preact';
import { download } from '../../api';
import { sentence, t } from '../../i18n';
import type { Event } from '../../wire.gen';
import { toast } from '../staff/toast';
import { pathOf } from './data';
import { w } from './words';

/** "Unduh Excel" and "Unduh CSV", with what a CSV does to a NIP. */
export function Downloads({ token, event }: { token: string; event: Event }) {
  const [busy, setBusy] = useState('');
  const get = async (format: 'xlsx' | 'csv') => {
    if (busy) return;
    setBusy(format);
    try {
      await download(`${pathOf(event.id)}/attendance.${format}`, token, `daftar-hadir-${event.id}.${format}`);
      toast('good', w.value.downloaded);
    } catch (e) {
      toast('error', w.value.download, sentence(e));
    } finally {
      setBusy('');
    }
  };
  return (
    <div class="bp-dl">
      <button type="button" class="btn" aria-disabled={busy !== ''} onClick={() => void get('xlsx')}
        aria-describedby="dl-hint" data-testid="dl-xlsx">
        <FileSpreadsheet size={18} aria-hidden="true" />
        {busy === 'xlsx' ? w.value.downloading : t.value.downloadExcel}
      </button>
      <button type="button" class="btn quiet" aria-disabled={busy !== ''} onClick={() => void get('csv')}
        aria-describedby="dl-hint" data-testid="dl-csv">
        <FileText size={18} aria-hidden="true" />
        {busy === 'csv' ? w.value.downloading : t.value.downloadCSV}
      </button>
    </div>
  );
}

/** What a download holds, and what a double click on a CSV does to a NIP. */
export function DownloadHint({ event }: { event: Event }) {
  return (
    <p id="dl-hint" class="bp-hint small muted">
      {event.phase === 'ended' ? w.value.downloadAll : w.value.downloadLive} {w.value.csvWarning}
    </p>
  );
}
