import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { IdCard, KeyRound } from 'lucide-preact';
import { focusOn } from '../../a11y';
import { getRegions, identify, join, type Identity, type Joined, type Newcomer, type Region } from '../../api';
import { t } from '../../i18n';
import { Refusal } from '../../refusal';
import { Field } from '../../ui/parts';
import { useRun } from '../../ui/run';
import { w } from './words';

interface Common {
  event: string;
  token: string; // of the link
  onJoined: (j: Joined) => void;
}

/** Only the digits, as the server will read them: people paste NIP with spaces, dots and an Excel quote. */
const digits = (s: string): string => s.replace(/\D/g, '');

function Submit({ busy, label, testid }: { busy: boolean; label: string; testid: string }) {
  return (
    <button type="submit" class="btn wide" aria-disabled={busy} data-testid={testid}>
      {busy && <span class="spinner" aria-hidden="true" />}
      {label}
    </button>
  );
}

/** NIP or personal code. An unknown NIP goes on to the newcomer's form. */
export function Identify(p: Common & {
  nip: string;
  onNIP: (nip: string) => void;
  onFound: (i: Identity) => void;
  onUnknown: () => void;
  onGuest: () => void;
}) {
  const [byCode, setByCode] = useState(false);
  const [code, setCode] = useState('');
  const [local, setLocal] = useState('');
  const s = useRun();
  const x = w.value;
  const n = digits(p.nip).length;

  const submit = (e: Event) => {
    e.preventDefault();
    setLocal('');
    s.say('');
    if (byCode ? !code.trim() : n !== 18) return setLocal(byCode ? x.codeEmpty : x.nipLength);
    s.run(async () => {
      try {
        p.onFound(await identify(p.event, p.token, byCode ? { code: code.trim() } : { nip: digits(p.nip) }));
      } catch (err) {
        if (err instanceof Refusal && err.code === 'nip_unknown') return p.onUnknown();
        throw err;
      }
    });
  };
  const swap = () => {
    setByCode(!byCode);
    setLocal('');
    s.say('');
  };
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <h2>{x.whoAreYou}</h2>
      {byCode ? (
        <Field key="code" label={x.code} hint={x.codeHint} error={local || s.error}>
          {(a) => (
            <input {...a} class="input big" name="code" value={code} autoCapitalize="characters" autoComplete="off"
              spellcheck={false} maxLength={40} onInput={(e) => setCode(e.currentTarget.value)} data-testid="join-code" />
          )}
        </Field>
      ) : (
        <Field key="nip" label={x.nip} error={local || s.error}
          hint={
            <span class="row spread tight">
              <span>{x.nipHint}</span>
              <span class={`num count${n === 18 ? ' full' : ''}`} data-testid="nip-count">{x.nipCount(n)}</span>
            </span>
          }>
          {(a) => (
            <input {...a} class="input big num" name="nip" inputMode="numeric" value={p.nip} autoComplete="off"
              spellcheck={false} maxLength={40} onInput={(e) => p.onNIP(e.currentTarget.value)} data-testid="join-nip" />
          )}
        </Field>
      )}
      <Submit busy={s.busy} label={x.next} testid="join-next" />
      <p class="small muted">{x.nipUse}</p>
      <div class="alternatives">
        <button type="button" class="btn bare" onClick={swap} data-testid="join-swap">
          {byCode ? <IdCard size={18} aria-hidden="true" /> : <KeyRound size={18} aria-hidden="true" />}
          {byCode ? x.useNIP : x.useCode}
        </button>
        <button type="button" class="btn bare" onClick={p.onGuest} data-testid="join-as-guest">{x.noNIP}</button>
      </div>
    </form>
  );
}

/** "Benar, ini saya": the roster is the only real check of a NIP, so its owner looks at the masked name. */
export function Confirm(p: Common & { who: Identity; personal: boolean; onOther: () => void }) {
  const s = useRun();
  const [refused, setRefused] = useState(false);
  const head = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => focusOn(head.current), []);
  const x = w.value;
  const nameless = p.who.name === ''; // a regional server that is cut off knows the link, and not its owner's name
  const yes = () => s.run(async () => p.onJoined(await join(p.event, p.token, { ticket: p.who.ticket })));
  return (
    <div class="stack">
      <h2 ref={head}>{nameless ? x.linkOnly : x.isThisYou}</h2>
      {nameless ? <p data-testid="nameless">{x.linkOnlyLead}</p> : <div class="identity" data-testid="identity">
        <p class="who">{p.who.name}</p>
        {p.who.nip && <p class="num"><span class="sr">NIP </span>{p.who.nip}</p>}
        <p>{p.who.unit}</p>
        <p class="muted">{p.who.region}</p>
        {!p.who.verified && <p><span class="badge gold">{t.value.awaitingVerification}</span></p>}
      </div>}
      <div role="alert">{(s.error || refused) && <p class="banner error">{s.error || x.notMeHelp}</p>}</div>
      <button type="button" class="btn wide" aria-disabled={s.busy} onClick={yes} data-testid="confirm-me">
        {s.busy && <span class="spinner" aria-hidden="true" />}
        {nameless ? x.linkMine : x.yes}
      </button>
      <button type="button" class="btn quiet wide" onClick={() => (p.personal ? setRefused(true) : p.onOther())}
        data-testid="not-me">
        {x.no}
      </button>
      {!nameless && <p class="small muted">{x.maskedNote}</p>}
    </div>
  );
}

/** A sound NIP that no roster knows: in, "menunggu verifikasi". Nobody is refused a lecture for a late roster. */
export function NewcomerForm(p: Common & { nip: string; onBack: () => void }) {
  const nip = digits(p.nip);
  const [form, setForm] = useState<Newcomer>({ nip, name: '', unit: '', region: '' });
  const [tried, setTried] = useState(false);
  const [regions, setRegions] = useState<Region[]>([]);
  const s = useRun();
  const head = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => focusOn(head.current), []);
  useEffect(() => {
    getRegions().then(setRegions, () => {}); // without the list the person is still let in
  }, []);
  const x = w.value;
  const missing = (v: string) => tried && v.trim().length < 2;
  const submit = (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (form.name.trim().length < 2 || form.unit.trim().length < 2) return;
    s.run(async () => p.onJoined(await join(p.event, p.token, { ...form, region: form.region === '-' ? '' : form.region })));
  };
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <h2 ref={head}>{x.unknownTitle}</h2>
      <p>{x.unknownLead}</p>
      <p class="identity row spread">
        <span class="num">{`${nip.slice(0, 4)}••••••••••••${nip.slice(-2)}`}</span>
        <button type="button" class="btn bare small" onClick={p.onBack} data-testid="change-nip">{x.changeNIP}</button>
      </p>
      <Field label={x.fullName} error={missing(form.name) ? x.nameShort : ''}>
        {(a) => (
          <input {...a} class="input" name="name" autoComplete="name" maxLength={120} value={form.name}
            onInput={(e) => setForm({ ...form, name: e.currentTarget.value })} data-testid="new-name" />
        )}
      </Field>
      <Field label={t.value.unit} error={missing(form.unit) ? x.unitShort : ''}>
        {(a) => (
          <input {...a} class="input" name="unit" autoComplete="organization" maxLength={120} value={form.unit}
            onInput={(e) => setForm({ ...form, unit: e.currentTarget.value })} data-testid="new-unit" />
        )}
      </Field>
      <Field label={t.value.region}>
        {(a) => (
          <select {...a} class="input" value={form.region} data-testid="new-region"
            onChange={(e) => setForm({ ...form, region: e.currentTarget.value })}>
            <option value="">{x.regionChoose}</option>
            {regions.map((r) => <option key={r.code} value={r.code}>{r.name}</option>)}
            <option value="-">{x.regionElse}</option>
          </select>
        )}
      </Field>
      <div role="alert">{s.error && <p class="banner error">{s.error}</p>}</div>
      <Submit busy={s.busy} label={x.joinWaiting} testid="new-join" />
    </form>
  );
}

/** Guests watch and ask without credit. */
export function GuestForm(p: Common & { onBack: (() => void) | null }) {
  const [name, setName] = useState('');
  const s = useRun();
  const head = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (p.onBack) focusOn(head.current); // reached by a button; as the first step it takes no focus away
  }, []);
  const x = w.value;
  const submit = (e: Event) => {
    e.preventDefault();
    s.run(async () => p.onJoined(await join(p.event, p.token, { guest: true, name: name.trim() })));
  };
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <h2 ref={head}>{x.guestTitle}</h2>
      <p>{x.guestLead}</p>
      <Field label={x.guestName} error={s.error}>
        {(a) => (
          <input {...a} class="input" name="guest" autoComplete="name" maxLength={60} value={name}
            onInput={(e) => setName(e.currentTarget.value)} data-testid="guest-name" />
        )}
      </Field>
      <Submit busy={s.busy} label={t.value.joinEvent} testid="guest-join" />
      {p.onBack && <button type="button" class="btn bare" onClick={p.onBack}>{x.iHaveNIP}</button>}
    </form>
  );
}
