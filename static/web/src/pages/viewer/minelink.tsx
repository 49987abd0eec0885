import { useEffect, useState } from 'preact/hooks';
import { ListChecks } from 'lucide-preact';
import type { ComponentType } from 'preact';
import { Dialog, Spinner } from '../../ui/parts';
import { w } from './minewords';

type View = ComponentType<{ event: string; token: string }>;

/** The details come when somebody asks for them: the viewer's first page does not pay. */
export function MineView(p: { event: string; token: string }) {
  const [load, setLoad] = useState<{ View: View } | null>(null);
  useEffect(() => {
    import('./mine').then((m) => setLoad({ View: m.default }), () => {});
  }, []);
  return load ? <load.View {...p} /> : <Spinner />;
}

/** "Rincian kehadiran saya", in a dialog over the lecture. */
export function MineLink(p: { event: string; token: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="btn quiet small" onClick={() => setOpen(true)} data-testid="mine-open">
        <ListChecks size={18} aria-hidden="true" />
        {w.value.open}
      </button>
      {open && (
        <Dialog title={w.value.title} onClose={() => setOpen(false)} cross testid="mine-dialog">
          <MineView {...p} />
        </Dialog>
      )}
    </>
  );
}
