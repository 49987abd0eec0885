import { Download } from 'lucide-preact';
import { download } from '../../api';
import { useRun } from '../../ui/run';
import { w } from './words';

/** All captions so far, as a file. */
export function CaptionsFile({ event, token }: { event: string; token: string }) {
  const { busy, error, run } = useRun();
  return (
    <div>
      <button type="button" class="btn quiet small" aria-disabled={busy} data-testid="captions-file"
        onClick={() => run(() => download(`/api/events/${encodeURIComponent(event)}/captions.vtt`, token, `takarir-${event}.vtt`))}>
        <Download size={18} aria-hidden="true" />
        {w.value.captionsFile}
      </button>
      <div role="alert">{error && <p class="small error">{error}</p>}</div>
    </div>
  );
}
