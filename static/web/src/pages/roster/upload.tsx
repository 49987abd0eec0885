import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { CircleCheck, FileUp } from 'lucide-preact';
import { announce, focusOn } from '../../a11y';
import { lang, sentence } from '../../i18n';
import { formatNumber } from '../../time';
import { toast } from '../staff/toast';
import { sendList, type Result, type Step } from './data';
import { Preview } from './preview';
import { w } from './words';

/** Choose a file, look at what it holds, save it. The file stays in the browser between the two. */
export function Upload(p: { token: string; event: string; onSaved: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const [step, setStep] = useState<Step | 'sending' | null>(null);
  const [error, setError] = useState('');
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const saved = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    if (result?.result === 'saved') focusOn(saved.current); // the button that had the focus is gone
  }, [result]);
  const n = (x: number) => formatNumber(x, lang.value);

  const run = async (f: File, digest: string) => {
    if (step) return;
    setError('');
    setStep('sending');
    try {
      const got = await sendList(p.token, p.event, f, digest, setStep);
      setResult(got);
      announce(got.result === 'saved' ? w.value.saved(n(got.people)) : `${w.value.preview}: ${n(got.people)}`);
      if (got.result === 'saved') {
        toast('good', w.value.saved(n(got.people)));
        p.onSaved();
      }
    } catch (e) {
      setError(sentence(e));
      if (!digest) setResult(null);
    } finally {
      setStep(null);
    }
  };
  const take = (f: File | undefined | null) => {
    if (!f || step) return;
    setFile(f);
    setResult(null);
    void run(f, '');
  };

  return (
    <section class="card ro-card stack" aria-labelledby="ro-upload">
      <h2 id="ro-upload">{w.value.upload}</h2>
      <p class="muted">{w.value.intro}</p>
      <div class={`ro-drop ${over ? 'over' : ''}`}
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          take(e.dataTransfer?.files[0]);
        }}>
        <FileUp size={28} aria-hidden="true" />
        <span>{w.value.drop}</span>
        <button type="button" class={result ? 'btn quiet' : 'btn'} aria-disabled={step !== null}
          onClick={() => input.current?.click()}>
          {file ? w.value.otherFile : w.value.choose}
        </button>
        <input ref={input} type="file" class="sr" tabIndex={-1} aria-label={w.value.choose} data-testid="roster-file"
          accept=".xlsx,.csv,.txt,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv"
          onChange={(e) => {
            take(e.currentTarget.files?.[0]);
            e.currentTarget.value = '';
          }} />
        {file && <strong data-testid="roster-name">{file.name}</strong>}
      </div>
      <p class="small muted">{w.value.privacy}</p>
      {step && <Bar step={step} />}
      {error && <p class="banner error" role="alert" data-testid="roster-error">{error}</p>}
      {result?.result === 'saved' && (
        <p class="banner good" role="status" data-testid="roster-saved" ref={saved}>
          <CircleCheck size={20} aria-hidden="true" />
          <span><strong>{w.value.saved(n(result.people))}.</strong> {w.value.savedHint}</span>
        </p>
      )}
      {result && file && (
        <Preview result={result} token={p.token} event={p.event} file={file} busy={step !== null}
          onSave={() => void run(file, result.digest)} />
      )}
    </section>
  );
}

function Bar({ step }: { step: Step | 'sending' }) {
  const names = { read: w.value.reading, compare: w.value.comparing, save: w.value.saving };
  const label = step === 'sending' ? w.value.sending : names[step.step];
  const percent = step === 'sending' || !step.total ? 0 : Math.floor((step.done / step.total) * 100);
  return (
    <div class="ro-bar" data-testid="roster-progress">
      <label>
        <span>{label}… {step !== 'sending' && `${percent} %`}</span>
        {step === 'sending' ? <progress max={100} /> : <progress max={100} value={percent} />}
      </label>
    </div>
  );
}
