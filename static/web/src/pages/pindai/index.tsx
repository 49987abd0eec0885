import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { CircleCheck, IdCard, KeyRound, LogIn, LogOut, ScanLine } from 'lucide-preact';
import { announce, focusOn, setTitle } from '../../a11y';
import { deviceName, randomName } from '../../device';
import { lang, sentence, t } from '../../i18n';
import { Refusal } from '../../refusal';
import { formatClock, setServerTime } from '../../time';
import { later } from '../../ui/later';
import { Field, Masthead, Spinner } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { identify, keepPass, mark, newcomer, pass, persist, scan, type Me, type Scan } from './data';
import { w } from './words';
import './pindai.css';

// Most come by their phone's own camera and never need it.
const Scanner = later(() => import('../../qr/scanner').then((m) => m.Scanner));

type Step =
  | { at: 'reading' }
  | { at: 'type' }
  | { at: 'again'; error: unknown }
  | { at: 'who'; scan: Scan }
  | { at: 'new'; scan: Scan; nip: string }
  | { at: 'me'; scan: Scan; me: Me }
  | { at: 'done'; scan: Scan; me: Me; out: boolean };

/** The phone's page of a Ruang Bersama: no video, no socket. Its address carries the code that the camera read. */
export default function Pindai() {
  const [step, setStep] = useState<Step>({ at: 'reading' });
  const [waiting, setWaiting] = useState(false);
  const x = w.value;
  useEffect(() => setTitle(x.title), [x]);

  const read = async (by: { qr: string } | { code: string }) => {
    setStep({ at: 'reading' });
    try {
      const s = await persist(() => scan(by), () => setWaiting(true));
      setServerTime(s.now);
      setStep(s.me ? { at: 'me', scan: s, me: s.me } : { at: 'who', scan: s });
    } catch (error) {
      setStep({ at: 'again', error });
    } finally {
      setWaiting(false);
    }
  };
  useEffect(() => {
    const fromAddress = () => {
      const qr = decodeURIComponent(location.hash.slice(1));
      if (!qr) return setStep((s) => (s.at === 'reading' ? { at: 'type' } : s));
      history.replaceState(null, '', location.pathname);
      void read({ qr });
    };
    fromAddress();
    addEventListener('hashchange', fromAddress);
    return () => removeEventListener('hashchange', fromAddress);
  }, []);

  const s = 'scan' in step ? step.scan : null;
  return (
    <>
      <Masthead home={false} />
      <main id="main" class="pindai">
        {s && (
          <header class="pindai-head">
            <p class="hall-name" data-testid="scan-hall">{s.hall}</p>
            <p class="small">{s.title}</p>
          </header>
        )}
        <div class="card stack">
          {step.at === 'reading' && <Spinner label={waiting ? x.waiting : x.reading} />}
          {step.at === 'type' && <TypeCode onCode={(code) => void read({ code })} onQR={(qr) => void read({ qr })} />}
          {step.at === 'again' && <Again error={step.error} onType={() => setStep({ at: 'type' })} onQR={(qr) => void read({ qr })} />}
          {step.at === 'who' && (
            <Who scan={step.scan} onMe={(me) => setStep({ at: 'me', scan: step.scan, me })}
              onUnknown={(nip) => setStep({ at: 'new', scan: step.scan, nip })} onError={(error) => setStep({ at: 'again', error })} />
          )}
          {step.at === 'new' && (
            <Newcomer scan={step.scan} nip={step.nip} onMe={(me) => setStep({ at: 'me', scan: step.scan, me })} />
          )}
          {step.at === 'me' && (
            <Mine me={step.me} onNot={() => {
              keepPass('');
              setStep({ at: 'who', scan: step.scan });
            }} onDone={(me, out) => setStep({ at: 'done', scan: step.scan, me, out })}
              onError={(error) => setStep({ at: 'again', error })} />
          )}
          {step.at === 'done' && <Done me={step.me} out={step.out} />}
        </div>
        <p class="small muted foot">{x.privacy}</p>
      </main>
    </>
  );
}

/** A refusal after which only another scan helps. */
const spent = (e: unknown): boolean =>
  e instanceof Refusal && ['hall_code', 'hall_code_stale', 'hall_ticket', 'hall_closed', 'hall_unknown'].includes(e.code);

/** The code in what the screen's QR says; "" for another QR. */
const codeOf = (text: string): string => /\/h#(.+)$/.exec(text)?.[1] ?? '';

/** The page's own camera, for phones whose camera does not read codes. */
function Camera({ onQR }: { onQR: (qr: string) => void }) {
  const [bad, setBad] = useState(false);
  const done = useRef(false);
  return (
    <>
      <Scanner testid="scan" onText={(text) => {
        const qr = codeOf(text);
        setBad(!qr);
        if (!qr || done.current) return;
        done.current = true;
        onQR(decodeURIComponent(qr));
      }} />
      <div role="alert">{bad && <p class="banner error">{w.value.otherQR}</p>}</div>
    </>
  );
}

function TypeCode({ onCode, onQR }: { onCode: (code: string) => void; onQR: (qr: string) => void }) {
  const [code, setCode] = useState('');
  const [error, setError] = useState('');
  const x = w.value;
  const submit = (e: Event) => {
    e.preventDefault();
    const digits = code.replace(/\D/g, '');
    if (digits.length !== 8) return setError(x.codeShort);
    onCode(digits);
  };
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <h1>{x.typeTitle}</h1>
      <p>{x.typeLead}</p>
      <Field label={x.code} error={error}>
        {(a) => (
          <input {...a} class="input code num" inputMode="numeric" autoComplete="off" maxLength={12} value={code}
            onInput={(e) => setCode(e.currentTarget.value)} data-testid="scan-code" />
        )}
      </Field>
      <button type="submit" class="btn wide" data-testid="scan-code-next">{x.next}</button>
      <p class="or"><span>{x.or}</span></p>
      <Camera onQR={onQR} />
    </form>
  );
}

function Again({ error, onType, onQR }: { error: unknown; onType: () => void; onQR: (qr: string) => void }) {
  const head = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => focusOn(head.current), []);
  return (
    <div class="stack" data-testid="scan-again">
      <ScanLine size={44} class="mark" aria-hidden="true" />
      <h1 ref={head}>{w.value.again}</h1>
      <p class="banner error" role="alert">{sentence(error)}</p>
      <p>{w.value.againLead}</p>
      <Camera onQR={onQR} />
      <button type="button" class="btn quiet wide" onClick={onType}>{w.value.typeInstead}</button>
    </div>
  );
}

function Who(p: { scan: Scan; onMe: (m: Me) => void; onUnknown: (nip: string) => void; onError: (e: unknown) => void }) {
  const [nip, setNIP] = useState('');
  const [code, setCode] = useState('');
  const [byCode, setByCode] = useState(false);
  const s = useRun();
  const x = w.value;
  const digits = nip.replace(/\D/g, '');
  const submit = (e: Event) => {
    e.preventDefault();
    if (byCode ? !code.trim() : digits.length !== 18) return s.say(byCode ? x.personalEmpty : x.nipLength);
    s.run(async () => {
      try {
        p.onMe(await identify(p.scan.ticket, byCode ? { code: code.trim() } : { nip: digits }));
      } catch (err) {
        if (err instanceof Refusal && err.code === 'nip_unknown') return p.onUnknown(digits);
        if (spent(err)) return p.onError(err);
        throw err;
      }
    });
  };
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <h1>{x.who}</h1>
      {byCode ? (
        <Field key="code" label={x.personal} hint={x.personalHint} error={s.error}>
          {(a) => (
            <input {...a} class="input" autoCapitalize="characters" autoComplete="off" spellcheck={false} maxLength={40} value={code}
              onInput={(e) => setCode(e.currentTarget.value)} data-testid="scan-personal" />
          )}
        </Field>
      ) : (
        <Field key="nip" label={x.nip} error={s.error}
          hint={<span class="row spread"><span>{x.nipHint}</span><span class="num">{digits.length}/18</span></span>}>
          {(a) => (
            <input {...a} class="input num" inputMode="numeric" autoComplete="off" maxLength={40} value={nip}
              onInput={(e) => setNIP(e.currentTarget.value)} data-testid="scan-nip" />
          )}
        </Field>
      )}
      <button type="submit" class="btn wide" aria-disabled={s.busy} data-testid="scan-next">
        {s.busy && <span class="spinner" aria-hidden="true" />}
        {x.next}
      </button>
      <button type="button" class="btn bare" onClick={() => {
        setByCode(!byCode);
        s.say('');
      }}>
        {byCode ? <IdCard size={18} aria-hidden="true" /> : <KeyRound size={18} aria-hidden="true" />}
        {byCode ? x.useNIP : x.useCode}
      </button>
    </form>
  );
}

function Newcomer(p: { scan: Scan; nip: string; onMe: (m: Me) => void }) {
  const [name, setName] = useState('');
  const [unit, setUnit] = useState('');
  const [tried, setTried] = useState(false);
  const s = useRun();
  const x = w.value;
  const short = (v: string) => (tried && v.trim().length < 2 ? x.short : '');
  const submit = (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (name.trim().length < 2 || unit.trim().length < 2) return;
    s.run(async () => p.onMe(await newcomer(p.scan.ticket, { nip: p.nip, name: name.trim(), unit: unit.trim() })));
  };
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <h1>{x.newTitle}</h1>
      <p>{x.newLead}</p>
      <p class="num strong">{`${p.nip.slice(0, 4)}••••••••••••${p.nip.slice(-2)}`}</p>
      <Field label={x.name} error={short(name)}>
        {(a) => <input {...a} class="input" maxLength={120} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
      </Field>
      <Field label={t.value.unit} error={short(unit) || s.error}>
        {(a) => <input {...a} class="input" maxLength={120} value={unit} onInput={(e) => setUnit(e.currentTarget.value)} />}
      </Field>
      <button type="submit" class="btn wide" aria-disabled={s.busy}>{x.next}</button>
    </form>
  );
}

function Mine(p: { me: Me; onNot: () => void; onDone: (m: Me, out: boolean) => void; onError: (e: unknown) => void }) {
  const { me } = p;
  const s = useRun();
  const entry = useRef(randomName()); // one wish, however often it is sent
  const head = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => focusOn(head.current), []);
  const x = w.value;
  const send = (out: boolean) => s.run(async () => {
    try {
      const got = await persist(() => mark({ ticket: me.ticket, entry: entry.current, out, device: deviceName() }), () => s.say(x.waiting));
      keepPass(got.pass);
      announce(out ? x.doneOut : x.doneIn);
      p.onDone({ ...got, name: me.name, nip: me.nip, unit: me.unit }, out);
    } catch (e) {
      if (spent(e)) return p.onError(e);
      throw e;
    }
  });
  const clock = (at: string) => formatClock(at, lang.value);
  return (
    <div class="stack">
      <h1 ref={head}>{me.state === 'none' ? x.isYou : me.state === 'in' ? x.inSince(clock(me.from)) : x.outSince(clock(me.to))}</h1>
      <div class="who" data-testid="scan-me">
        <p class="name">{me.name}</p>
        {me.nip && <p class="num">{me.nip}</p>}
        <p>{me.unit}</p>
        {!me.verified && <p><span class="badge gold">{t.value.awaitingVerification}</span></p>}
      </div>
      {me.other && <p class="banner">{x.other(me.other)}</p>}
      <div role="alert">{s.error && <p class="banner error">{s.error}</p>}</div>
      {me.state === 'in' ? (
        <>
          <button type="button" class="btn big wide" aria-disabled={s.busy} onClick={() => send(true)} data-testid="scan-out">
            <LogOut size={22} aria-hidden="true" />
            {x.yesOut}
          </button>
          <button type="button" class="btn quiet wide" aria-disabled={s.busy} onClick={() => send(false)} aria-describedby="still-hint"
            data-testid="scan-still">
            {x.still}
          </button>
          <p id="still-hint" class="small muted">{x.stillHint}</p>
        </>
      ) : (
        <button type="button" class="btn big wide" aria-disabled={s.busy} onClick={() => send(false)} data-testid="scan-in">
          <LogIn size={22} aria-hidden="true" />
          {me.state === 'none' ? x.yesIn : x.inAgain}
        </button>
      )}
      <button type="button" class="btn bare" onClick={p.onNot} data-testid="scan-not-me">{x.notMe}</button>
      {pass() === '' && <p class="small muted">{x.masked}</p>}
    </div>
  );
}

function Done({ me, out }: { me: Me; out: boolean }) {
  const head = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => focusOn(head.current), []);
  const x = w.value;
  return (
    <div class={`stack done ${out ? 'out' : 'in'}`} data-testid={out ? 'scan-done-out' : 'scan-done-in'}>
      <CircleCheck size={64} class="mark" aria-hidden="true" />
      <h1 ref={head}>{out ? x.doneOut : x.doneIn}</h1>
      <p class="at num">{x.at(formatClock(out ? me.to : me.from, lang.value))}</p>
      <p class="name">{me.name}</p>
      <p>{out ? x.doneOutLead : x.doneInLead}</p>
    </div>
  );
}
