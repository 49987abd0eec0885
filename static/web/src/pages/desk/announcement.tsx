import { useState } from 'preact/hooks';
import { Megaphone } from 'lucide-preact';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { may, notice } from '../../store/state';
import { Field } from '../../ui/parts';
import { MaxAnnouncement } from '../../wire.gen';
import { toast } from '../staff/toast';
import { w } from './words';

/** One line to everyone, and taking it down. */
export function Announcement({ socket }: { socket: Socket }) {
  const [text, setText] = useState('');
  const x = w.value;
  if (!may('announce')) return null;
  const send = async (line: string) => {
    try {
      await socket.request('announce', { text: line });
      setText('');
    } catch (e) {
      toast('error', x.noticeFailed, sentence(e));
    }
  };
  return (
    <section class="announcement" aria-label={x.notice}>
      <h2><Megaphone size={18} aria-hidden="true" />{x.notice}</h2>
      {notice.value.text ? (
        <div class="row spread">
          <p data-testid="notice-now">{notice.value.text}</p>
          <button type="button" class="btn quiet small" onClick={() => void send('')} data-testid="notice-down">{x.takeDown}</button>
        </div>
      ) : (
        <form class="row" onSubmit={(e) => {
          e.preventDefault();
          if (text.trim()) void send(text.trim());
        }}>
          <Field label={x.noticeLabel}>
            {(a) => <input {...a} class="input" maxLength={MaxAnnouncement} value={text} data-testid="notice-text"
              onInput={(e) => setText(e.currentTarget.value)} />}
          </Field>
          <button type="submit" class="btn small" aria-disabled={!text.trim()} data-testid="notice-send">{x.noticeSend}</button>
        </form>
      )}
    </section>
  );
}
