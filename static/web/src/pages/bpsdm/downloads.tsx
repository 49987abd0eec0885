import { useState } from 'preact/hooks';
import { Braces, FileSpreadsheet, FileText } from 'lucide-preact';
import { download } from '../../api';
import { sentence, t } from '../../i18n';
import type { Event } from '../../wire.gen';
import { toast } from '../staff/toast';
import { pathOf } from './data';
import { w } from './words';

type Format = 'xlsx' | 'pdf' | 'csv' | 'json' | 'siasn';

const FILE: Record<Format, string> = {
  xlsx: 'attendance.xlsx',
  pdf: 'attendance.pdf',
  csv: 'attendance.csv',
  json: 'attendance.json',
  siasn: 'siasn.xlsx',
};

/** "Unduh Excel" and "Unduh PDF"; the formats for programs behind "Format lain". */
export function Downloads({ token, event }: { token: string; event: Event }) {
  const [busy, setBusy] = useState('');
  const get = async (format: Format) => {
    if (busy) return;
    setBusy(format);
    try {
      await download(`${pathOf(event.id)}/${FILE[format]}`, token, `daftar-hadir-${event.id}.${FILE[format].split('.')[1]}`);
      toast('good', w.value.downloaded);
    } catch (e) {
      toast('error', w.value.download, sentence(e));
    } finally {
      setBusy('');
    }
  };
  const button = (format: Format, label: string, Icon: typeof FileText, quiet: boolean) => (
    <button type="button" class={`btn${quiet ? ' quiet' : ''}`} aria-disabled={busy !== ''} onClick={() => void get(format)}
      aria-describedby="dl-hint" data-testid={`dl-${format}`}>
      <Icon size={18} aria-hidden="true" />
      {busy === format ? w.value.downloading : label}
    </button>
  );
  return (
    <div class="bp-dl">
      {button('xlsx', t.value.downloadExcel, FileSpreadsheet, false)}
      {button('pdf', w.value.downloadPDF, FileText, false)}
      <details class="bp-more">
        <summary class="btn quiet">{w.value.otherFormats}</summary>
        <div class="card">
          {button('csv', t.value.downloadCSV, FileText, true)}
          {button('siasn', w.value.downloadSIASN, FileSpreadsheet, true)}
          {button('json', w.value.downloadJSON, Braces, true)}
        </div>
      </details>
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
