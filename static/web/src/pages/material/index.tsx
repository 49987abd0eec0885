import { useEffect, useRef, useState } from 'preact/hooks';
import { CircleAlert, FileUp, RotateCw, Trash2, X } from 'lucide-preact';
import { announce } from '../../a11y';
import { api } from '../../api';
import { sentence } from '../../i18n';
import type { Socket } from '../../socket';
import { decks, event, may, openDeck } from '../../store/state';
import type { Deck } from '../../wire.gen';
import { Confirm } from '../staff/confirm';
import { toast } from '../staff/toast';
import { Open } from './open';
import { Upload } from './upload';
import './material.css';
import { w } from './words';

/** What who presents does with material: upload, show, turn, draw, let it be downloaded. */
export default function Material({ socket, token, keys }: { socket: Socket; token: string; keys: 'page' | 'panel' }) {
  const [upload, setUpload] = useState<Upload | null>(null);
  const x = w.value;
  if (!may('page')) return null;
  const over = event.value?.phase === 'ended';
  const start = (files: File[]) => {
    if (files.length === 0) return;
    const u = new Upload(socket.event, token, files);
    setUpload(u);
    void run(u);
  };
  const run = async (u: Upload) => {
    await u.run();
    if (u.step.value !== 'done') return;
    setUpload(null);
    toast('good', w.value.ready(u.title));
  };
  const deck = openDeck.value;
  return (
    <section class="material" aria-label={x.material} data-testid="material">
      <div class="row spread">
        <h2>{x.material}</h2>
        {!over && (upload === null || upload.step.value === 'failed') && <Choose onFiles={start} />}
      </div>
      {upload && <Progress upload={upload} onAgain={() => void run(upload)} onGiveUp={() => {
        upload.cancel();
        setUpload(null);
      }} />}
      {deck && <Open key={deck.id} deck={deck} socket={socket} keys={keys} />}
      {decks.value.length === 0
        ? !upload && <p class="small muted">{x.none} {!over && x.uploadHint}</p>
        : <ul class="decks">{decks.value.map((d) => <Row key={d.id} deck={d} socket={socket} token={token} over={over} />)}</ul>}
    </section>
  );
}

function Choose({ onFiles }: { onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const x = w.value;
  return (
    <>
      <button type="button" class="btn quiet small" title={x.uploadHint} onClick={() => input.current?.click()} data-testid="deck-upload">
        <FileUp size={18} aria-hidden="true" />{x.upload}
      </button>
      <input ref={input} type="file" class="sr" accept="application/pdf,image/png,image/jpeg,image/webp" multiple tabIndex={-1}
        aria-label={x.upload} data-testid="deck-file" onChange={(e) => {
          onFiles([...(e.currentTarget.files ?? [])]);
          e.currentTarget.value = ''; // the same file may be chosen again
        }} />
    </>
  );
}

function Progress({ upload: u, onAgain, onGiveUp }: { upload: Upload; onAgain: () => void; onGiveUp: () => void }) {
  const x = w.value;
  const step = u.step.value;
  const failed = step === 'failed';
  const what = step === 'reading' ? x.reading : step === 'file' ? x.sendingFile : x.sending(u.page.value, u.pages.value);
  useEffect(() => {
    if (failed) announce(u.error.peek(), true);
  }, [failed, u]);
  return (
    <div class={`uploading ${failed ? 'failed' : ''}`} data-testid="uploading" data-step={step}>
      <div class="row spread">
        <strong class="name">{u.title}</strong>
        {!failed && <span class="num small">{Math.floor(u.part.value * 100)} %</span>}
      </div>
      {failed ? (
        <p class="error" data-testid="upload-error"><CircleAlert size={18} aria-hidden="true" />{u.error.value}</p>
      ) : (
        <>
          <progress max="1" value={u.part.value} aria-label={what} />
          <p class="small muted">{u.away.value ? x.away : what}</p>
        </>
      )}
      <div class="row">
        {failed && u.again && (
          <button type="button" class="btn small" onClick={onAgain} data-testid="upload-again"><RotateCw size={16} aria-hidden="true" />{x.resume}</button>
        )}
        <button type="button" class="btn bare small" onClick={onGiveUp} data-testid="upload-cancel">
          <X size={16} aria-hidden="true" />{failed ? x.dismiss : x.cancel}
        </button>
      </div>
    </div>
  );
}

function Row({ deck: d, socket, token, over }: { deck: Deck; socket: Socket; token: string; over: boolean }) {
  const [asking, setAsking] = useState(false);
  const x = w.value;
  const shown = openDeck.value?.id === d.id;
  const tried = (f: Promise<unknown>) => f.catch((e: unknown) => toast('error', w.value.failed, sentence(e)));
  return (
    <li data-testid="deck" data-deck={d.id} class={shown ? 'shown' : ''}>
      <div class="about">
        <strong class="name">{d.title}</strong>
        <span class="small muted">{x.pages(d.pages)}{d.by && ` · ${x.by(d.by)}`}</span>
        {d.bytes > 0 && (
          <label class="small share">
            <input type="checkbox" checked={d.shared} data-testid="deck-share"
              onChange={() => void tried(socket.request('deck.share', { deck: d.id, on: !d.shared }))} />
            {x.share}
          </label>
        )}
      </div>
      {shown ? <span class="badge gold">{x.showing}</span> : !over && (
        <button type="button" class="btn small" aria-label={x.showOf(d.title)} data-testid="deck-show"
          onClick={() => void tried(socket.request('page', { deck: d.id, page: 1 }))}>{x.show}</button>
      )}
      <button type="button" class="btn bare icon small" aria-label={x.removeOf(d.title)} title={x.remove} onClick={() => setAsking(true)} data-testid="deck-remove">
        <Trash2 size={18} aria-hidden="true" />
      </button>
      {asking && (
        <Confirm title={x.removeAsk(d.title)} text={x.removeText} button={x.remove} testid="deck-remove-confirm" onClose={() => setAsking(false)}
          onYes={() => tried(api('DELETE', `/api/events/${encodeURIComponent(socket.event)}/decks/${d.token}`, { token }))} />
      )}
    </li>
  );
}
