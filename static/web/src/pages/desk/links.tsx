import { event, may } from '../../store/state';
import { linkToken } from '../../token';
import { Dialog } from '../../ui/parts';
import { CopyButton } from '../staff/copy';
import { w } from './words';

/** What the desk can hand on. A key is copied, never shown: screens get photographed and shared. */
export function Links({ scope, onClose }: { scope: string; onClose: () => void }) {
  const x = w.value;
  const id = event.value?.id ?? '';
  const token = linkToken(scope);
  const page = `${location.origin}/k/${id}`;
  const rows = [
    { key: 'page', label: x.linkPage, hint: x.linkPageHint, show: page, value: page },
    { key: 'test', label: x.linkTest, hint: x.linkTestHint, show: `${page}/uji`, value: `${page}/uji` },
    { key: 'desk', label: x.linkDesk, hint: x.linkDeskHint, show: `${page}/meja ${x.hidden}`,
      value: `${page}/meja#t=${token}` },
    ...(may('whip')
      ? [
          { key: 'whip', label: x.linkWhip, hint: x.linkWhipHint, show: `${location.origin}/whip/${id}`,
            value: `${location.origin}/whip/${id}` },
        ]
      : []),
  ];
  return (
    <Dialog title={x.linksTitle} onClose={onClose} cross testid="links-dialog">
      <ul class="links">
        {rows.map((r) => (
          <li key={r.key}>
            <div>
              <strong>{r.label}</strong>
              <code>{r.show}</code>
              <span class="small muted">{r.hint}</span>
            </div>
            <CopyButton value={r.value} label={r.label} testid={`copy-${r.key}`} />
          </li>
        ))}
      </ul>
      <p class="small muted">{x.linksHint}</p>
    </Dialog>
  );
}
