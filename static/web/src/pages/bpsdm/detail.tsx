import { useState } from 'preact/hooks';
import { PencilLine } from 'lucide-preact';
import { lang } from '../../i18n';
import { formatDuration, formatSecond } from '../../time';
import type { Event } from '../../wire.gen';
import { Correct } from './correct';
import { w as cw } from './correctwords';
import { useLoaded, type Row } from './data';
import { w as dw } from './deskwords';
import { explain, type Explained } from './halldata';
import { w as hw } from './hallwords';
import { w } from './words';

/** Explains one person's figures: what was measured, what was credited and why, and by which rule. A correction begins here. */
export function Detail({ r, token, event, live, onCorrected }: { r: Row; token: string; event: Event; live: number; onCorrected: () => void }) {
  const [correcting, setCorrecting] = useState(false);
  const x = w.value;
  const y = hw.value;
  // Anew when the figures are others.
  const why = useLoaded<Explained>(`${r.person} ${r.seconds}`, () => 0, (s) => explain(token, event.id, r.person, s)).data;
  const span = (s: number) => formatDuration(s, lang.value);
  const share = (s: number) => (live > 0 ? Math.min(100, (s / live) * 100) : 0);
  const classes = [
    { name: x.delivered, hint: x.deliveredHint, s: r.delivered },
    { name: x.decoded, hint: x.decodedHint, s: r.decoded },
    { name: x.socket, hint: x.socketHint, s: r.socket },
    ...(why?.classes ?? []).flatMap((c) => {
      const named = y.classes[c.class];
      return named ? [{ name: named[0], hint: named[1], s: c.seconds }] : [];
    }),
  ];
  return (
    <div class="bp-detail" data-testid="att-detail-panel">
      <div>
        <h2>{x.how}</h2>
        <p>
          <strong>{x.credited}: <span class="num">{exact(r.seconds)}</span></strong> {x.creditedHint(span(live))}
          {r.bridged > 0 ? <>, {x.bridged(span(r.bridged))}</> : ''}.
        </p>
        <p>
          {!(why && lang.value === 'id') && x.why(r.percent, event.threshold)} <span class="muted">{x.rounding}</span>
        </p>
        <dl class="bp-classes">
          {classes.map((c) => (
            <div key={c.name}>
              <dt>{c.name}</dt>
              <dd>
                <span class="num">{exact(c.s)}</span>
                <span class="bar" aria-hidden="true"><span style={{ width: `${share(c.s)}%` }} /></span>
                <span class="small muted">{c.hint}</span>
              </dd>
            </div>
          ))}
        </dl>
        {why && (
          <>
            <h2>{y.explained}</h2>
            <ul class="rt-list" lang="id" data-testid="att-why">
              {why.sentences.map((s) => <li key={s}>{s}</li>)}
            </ul>
          </>
        )}
      </div>
      <div>
        <h2>{x.spans}</h2>
        {r.intervals.length > 0 ? (
          <ul class="bp-spans num">
            {r.intervals.map((s, i) => (
              <li key={s.from}>
                {x.span(formatSecond(s.from, lang.value), r.now && i === r.intervals.length - 1 ? x.stillIn : formatSecond(s.to, lang.value))}
              </li>
            ))}
          </ul>
        ) : (
          <p>–</p>
        )}
        {why && (
          <>
            <h2>{y.gaps}</h2>
            {why.gaps.length > 0 ? (
              <ul class="bp-spans" data-testid="att-gaps">
                {why.gaps.map((g) => (
                  <li key={g.from}>
                    <span class="num">{x.span(formatSecond(g.from, lang.value), formatSecond(g.to, lang.value))}</span>{' '}
                    <span class="muted">{dw.value.why[g.why]}</span>
                  </li>
                ))}
              </ul>
            ) : (
              <p class="muted">{y.gapsNone}</p>
            )}
          </>
        )}
        <dl class="bp-person">
          <div><dt>{x.grade}</dt><dd>{r.grade || '–'}</dd></div>
          <div><dt>{x.position}</dt><dd>{r.position || '–'}</dd></div>
          <div><dt>{x.region}</dt><dd>{r.region || '–'}</dd></div>
          <div><dt>{x.checks}</dt><dd data-testid="att-checks">{x.checksOf(r.checksAnswered, r.checksMissed, r.checksExcused)}</dd></div>
          <div><dt>{x.method}</dt><dd>{methodName(r.method)}</dd></div>
        </dl>
        <p>
          <button type="button" class="btn quiet small" onClick={() => setCorrecting(true)} data-testid="att-correct">
            <PencilLine size={16} aria-hidden="true" />
            {cw.value.begin}<span class="sr">: {r.name}</span>
          </button>
        </p>
        {correcting && (
          <Correct token={token} event={event.id} startsAt={event.startsAt} endsAt={event.endsAt} row={r} onClose={() => setCorrecting(false)} onDone={() => {
            setCorrecting(false);
            onCorrected();
          }} />
        )}
      </div>
    </div>
  );
}

/** How somebody showed who they are. */
export function methodName(m: string): string {
  const x = w.value;
  return { nip: x.method_nip, code: x.method_code, link: x.method_link }[m] ?? m;
}

/** "1:02:05": an auditor compares seconds. */
function exact(s: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}
