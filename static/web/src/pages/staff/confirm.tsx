import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { Dialog } from '../../ui/parts';

/** Asks before something that cannot be taken back, or that all viewers notice. The safe button has the focus. */
export function Confirm(p: {
  title: string;
  text: string;
  button: string;
  testid: string;
  onClose: () => void;
  onYes: () => Promise<unknown> | void;
}) {
  const [busy, setBusy] = useState(false);
  const yes = async () => {
    if (busy) return;
    setBusy(true);
    await p.onYes();
    p.onClose();
  };
  return (
    <Dialog title={p.title} onClose={p.onClose} testid={p.testid}>
      <p>{p.text}</p>
      <div class="row dialog-buttons">
        <button type="button" class="btn quiet" autoFocus onClick={p.onClose}>{t.value.cancel}</button>
        <button type="button" class="btn danger" aria-disabled={busy} onClick={() => void yes()}
          data-testid={`${p.testid}-yes`}>
          {p.button}
        </button>
      </div>
    </Dialog>
  );
}
