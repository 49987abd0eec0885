import { useEffect, useState } from 'preact/hooks';
import { Send as SendIcon } from 'lucide-preact';
import { api, getRegions, type Region } from '../../api';
import { announce, focusOn } from '../../a11y';
import { sentence } from '../../i18n';
import { Field } from '../../ui/parts';
import type { DeviceOutcome } from './devices';
import { number, percent, reason, verdictText, type Outcome } from './network';
import { w } from './words';

/** The result as text for WhatsApp, and to the committee where an event is known. */
export function Send({ event, out, devices }: { event: string; out: Outcome; devices: DeviceOutcome }) {
  const x = w.value;
  const [copied, setCopied] = useState<'' | 'yes' | 'no'>('');
  const text = shareText(event, out);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied('yes');
      announce(x.copied);
    } catch {
      setCopied('no');
    }
  };
  return (
    <section class="card stack" aria-labelledby="uji-out">
      <h2 id="uji-out">{x.result}</h2>
      <pre class="uji-text" data-testid="uji-text">{text}</pre>
      <p class="row">
        <button type="button" class="btn quiet" onClick={() => void copy()} data-testid="uji-copy">
          {copied === 'yes' ? x.copied : x.copy}
        </button>
        {copied === 'no' && <span class="error">{x.copyFailed}</span>}
      </p>
      {event && <Report event={event} out={out} devices={devices} />}
    </section>
  );
}

function shareText(event: string, out: Outcome): string {
  const x = w.value;
  const m = out.measured;
  const ways = (['socket', 'udp', 'tcp', 'tls'] as const).map((way) => {
    const name = way === 'tls' && !out.tls ? x.way.tlsPlain : x.way[way];
    const r = out.tried[way];
    return `${name[1]}: ${r.ok ? x.share.ok : r.absent ? x.absent : x.share.no}`;
  });
  return [
    x.share.head(verdictText(out)),
    reason(out),
    ways.join(', '),
    m ? x.share.line(x.rateValue(number(m.kbps)), percent(m.loss), x.ms(number(m.rtt))) : '',
    `${location.origin}${event ? `/k/${event}` : ''}/uji`,
  ].filter(Boolean).join('\n');
}

function Report({ event, out, devices }: { event: string; out: Outcome; devices: DeviceOutcome }) {
  const x = w.value;
  const [regions, setRegions] = useState<Region[]>([]);
  const [region, setRegion] = useState('');
  const [unit, setUnit] = useState('');
  const [state, setState] = useState<'' | 'busy' | 'sent'>('');
  const [error, setError] = useState('');
  useEffect(() => {
    getRegions().then(setRegions, (e: unknown) => setError(sentence(e)));
  }, []);
  const submit = async (e: Event) => {
    e.preventDefault();
    if (state === 'busy') return;
    setState('busy');
    setError('');
    const { tried, measured: m } = out;
    try {
      await api('POST', `/api/events/${event}/uji`, {
        body: {
          region, unit, verdict: out.verdict, socket: tried.socket.ok, udp: tried.udp.ok, tcp: tried.tcp.ok, tls: tried.tls.ok,
          kbps: m?.kbps ?? 0, loss: m?.loss ?? 1000, rtt: m?.rtt ?? 0, ...devices,
        },
      });
      setState('sent');
    } catch (err) {
      setState('');
      setError(sentence(err));
    }
  };
  if (state === 'sent') return <p class="uji-ok" ref={focusOn} data-testid="uji-sent">{x.sent}</p>;
  return (
    <form class="uji-form stack" onSubmit={(e) => void submit(e)}>
      <h3>{x.send}</h3>
      <p class="muted">{x.sendLead}</p>
      <Field label={x.region}>
        {(a) => (
          <select {...a} class="input" required value={region} onChange={(e) => setRegion(e.currentTarget.value)} data-testid="uji-region">
            <option value="">{x.pick}</option>
            {regions.map((r) => <option key={r.code} value={r.code}>{r.name}</option>)}
          </select>
        )}
      </Field>
      <Field label={x.unit} error={error}>
        {(a) => (
          <input {...a} class="input" required minLength={2} maxLength={120} value={unit} autocomplete="organization"
            onInput={(e) => setUnit(e.currentTarget.value)} data-testid="uji-unit" />
        )}
      </Field>
      <p>
        <button class="btn primary" aria-disabled={state === 'busy'} data-testid="uji-send">
          <SendIcon size={20} aria-hidden="true" />{x.submit}
        </button>
      </p>
    </form>
  );
}
