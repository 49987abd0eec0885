import { useEffect, useState } from 'preact/hooks';
import { ArrowLeft, Download } from 'lucide-preact';
import { setTitle } from '../../a11y';
import { api, download } from '../../api';
import type { PageProps } from '../../app';
import { lang, sentence } from '../../i18n';
import { formatClock, formatDate, formatDuration, formatNumber } from '../../time';
import { linkToken } from '../../token';
import { Masthead } from '../../ui/parts';
import { pathOf } from '../bpsdm/data';
import { Failed, Loading } from '../bpsdm/states';
import '../bpsdm/bpsdm.css';
import { Gate } from '../staff/session';
import { toast, Toasts } from '../staff/toast';
import { SurveyResults } from '../survey/results';
import { Curve } from './curve';
import type { Summary } from './data';
import './ringkasan.css';
import { w } from './words';

/** An event in numbers, for BPSDM: presence, places, questions, the evaluation, and what can be downloaded. */
export default function Ringkasan({ event, scope }: PageProps) {
  const token = linkToken(scope) || linkToken('bpsdm'); // come from the list, or by a link of its own
  const [data, setData] = useState<Summary | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const x = w.value;
  useEffect(() => {
    if (!token) return;
    const stop = new AbortController();
    setFailure(null);
    api<Summary>('GET', `${pathOf(event)}/summary`, { token, signal: stop.signal })
      .then(setData, (e: unknown) => stop.signal.aborted || setFailure(e));
    return () => stop.abort();
  }, [event, token, turn, lang.value]);
  useEffect(() => setTitle(x.title, data?.title ?? ''), [x, data]);
  if (!token) return <Gate scope={scope} />;
  return (
    <>
      <Masthead home={false}><span class="bp-where">BPSDM</span></Masthead>
      <main id="main" class="page summary stack" data-testid="summary">
        <p><a class="btn quiet small" href={`/bpsdm?kegiatan=${encodeURIComponent(event)}`}><ArrowLeft size={18} aria-hidden="true" />{x.back}</a></p>
        {failure ? <Failed error={failure} onRetry={() => setTurn(turn + 1)} /> : data ? <Content d={data} event={event} token={token} /> : <Loading />}
      </main>
      <Toasts />
    </>
  );
}

function Content({ d, event, token }: { d: Summary; event: string; token: string }) {
  const x = w.value;
  const l = lang.value;
  const s = d.summary;
  const num = (n: number) => formatNumber(n, l);
  const clock = (ms: number) => formatClock(new Date(ms).toISOString(), l);
  const most = Math.max(1, ...s.regions.map((r) => r.people));
  const get = (file: string, name: string) => void download(`${pathOf(event)}/${file}`, token, name)
    .then(() => toast('good', x.downloaded), (e: unknown) => toast('error', x.downloads, sentence(e)));
  const files: { title: string; hint?: string; of: [file: string, kind: string][] }[] = [
    { title: x.minutes, hint: x.minutesHint, of: [['notulen.docx', 'Word'], ['notulen.txt', x.text]] },
    { title: x.answers, hint: x.answersHint, of: [['answers.xlsx', 'Excel'], ['answers.csv', 'CSV']] },
    { title: x.scores, of: [['scores.xlsx', 'Excel'], ['scores.csv', 'CSV']] },
    { title: x.polls, hint: x.pollsHint, of: [['polls.xlsx', 'Excel'], ['polls.csv', 'CSV']] },
    { title: x.survey, of: [['survey.xlsx', 'Excel'], ['survey.csv', 'CSV']] },
    { title: x.captions, of: [['captions.vtt', 'WebVTT']] },
  ];
  const figure = (title: string, value: string, hint: string, testid: string) => (
    <div class="card" data-testid={testid}>
      <dt>{title}</dt>
      <dd class="num">{value}</dd>
      {hint && <dd class="small muted">{hint}</dd>}
    </div>
  );
  return (
    <>
      <div>
        <h1>{x.title}</h1>
        <p><strong>{d.title}</strong></p>
        <p class="muted">{d.speaker && <>{d.speaker} · </>}{formatDate(d.startsAt, l)}</p>
        {!d.ended && <p class="badge gold">{x.running}</p>}
      </div>
      <dl class="sum-figures">
        {figure(x.people, num(s.people), x.meets(num(s.meets), d.threshold), 'sum-people')}
        {figure(x.peak, num(s.peak), s.peakAt ? x.at(clock(s.peakAt)) : '', 'sum-peak')}
        {figure(x.mean, num(s.mean), '', 'sum-mean')}
        {figure(x.live, formatDuration(Math.round(s.live / 1000), l), '', 'sum-live')}
        {figure(x.answered, num(s.answered), x.answeredOf(num(s.asked), num(s.written)), 'sum-answered')}
      </dl>
      <p class="small muted">{x.note}</p>
      {s.peak > 0 && (
        <section class="card stack" aria-labelledby="sum-curve">
          <h2 id="sum-curve">{x.curve}</h2>
          <Curve points={s.curve} label={x.curveText(num(s.peak), clock(s.from), clock(s.to))} from={clock(s.from)} to={clock(s.to)} />
        </section>
      )}
      <section class="card stack" aria-labelledby="sum-regions">
        <h2 id="sum-regions">{x.regions}</h2>
        {s.regions.length === 0 ? <p class="muted">{x.none}</p> : (
          <ul class="bars" data-testid="sum-regions">
            {s.regions.map((r) => (
              <li key={r.code}>
                <span>{d.names[r.code] || x.unknown}</span>
                <span class="num">{num(r.people)}<span class="small muted passed"> {x.passed(num(r.meets), num(r.people))}</span></span>
                <div class="bar" aria-hidden="true">
                  <span style={{ width: `${(100 * r.people) / most}%` }} /><span class="passed" style={{ width: `${(100 * r.meets) / most}%` }} />
                </div>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section class="card stack" aria-labelledby="sum-files">
        <h2 id="sum-files">{x.downloads}</h2>
        <p class="small muted">{x.counts(num(s.captions), num(s.notes), num(s.polls))}</p>
        <ul class="sum-files">
          {files.map((f) => (
            <li key={f.title}>
              <div>
                <strong>{f.title}</strong>
                {f.hint && <span class="small muted">{f.hint}</span>}
              </div>
              <div class="row">
                {f.of.map(([file, kind]) => (
                  <button key={file} type="button" class="btn quiet small" onClick={() => get(file, `${event}-${file}`)}
                    aria-label={`${kind}: ${f.title}`} data-testid={`file-${file}`}>
                    <Download size={18} aria-hidden="true" />{kind}
                  </button>
                ))}
              </div>
            </li>
          ))}
        </ul>
      </section>
      <SurveyResults r={d.survey} />
      <section class="card stack" aria-labelledby="sum-questions">
        <h2 id="sum-questions">{x.questions}</h2>
        {d.questions.length === 0 ? <p class="muted">{x.questionsNone}</p> : (
          <ul class="said">
            {[...d.questions].sort((a, b) => b.support - a.support).map((q, i) => (
              <li key={i}>
                <p>{q.text}</p>
                <p class="small muted">{q.answer || x.live1} · {x.support(num(q.support))}</p>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
