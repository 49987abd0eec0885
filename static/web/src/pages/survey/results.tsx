import { lang } from '../../i18n';
import { formatNumber } from '../../time';
import { FIRST_OF_SPEAKER, type SurveyResult } from './items';
import './survey.css';
import { w } from './words';

const TOP = 5;

/** What the evaluation adds up to: a bar for each item's mean, and what people wrote. */
export function SurveyResults({ r }: { r: SurveyResult }) {
  const x = w.value;
  const mean = (hundredths: number) => (hundredths / 100).toLocaleString(lang.value, { minimumFractionDigits: 2 });
  const cut = r.items.findIndex((i) => i.key === FIRST_OF_SPEAKER);
  const said = (title: string, list: string[]) => list.length > 0 && (
    <div>
      <h3>{title}</h3>
      <ul class="said">{list.map((s, i) => <li key={i}>{s}</li>)}</ul>
    </div>
  );
  return (
    <section class="card stack" aria-labelledby="survey-results" data-testid="survey-results">
      <h2 id="survey-results">{x.results}</h2>
      <p class="muted">{x.answers(formatNumber(r.n, lang.value))}{r.items.length === 0 && `. ${x.few}`}</p>
      {r.items.length > 0 && [r.items.slice(0, cut), r.items.slice(cut)].map((items, part) => (
        <div key={part} class="stack tight">
          <h3 class="row spread">
            {part === 0 ? x.organisation : x.speaker}
            <span class="num">{x.of(mean(Math.round(items.reduce((sum, i) => sum + i.mean, 0) / Math.max(1, items.length))))}</span>
          </h3>
          <ul class="bars">
            {items.map((i) => (
              <li key={i.key}>
                <span>{x.items[i.key] ?? i.key}</span>
                <span class="num">{x.of(mean(i.mean))}</span>
                <div class="bar" aria-hidden="true"><span style={{ width: `${i.mean / TOP}%` }} /></div>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {said(x.goodOnes, r.good)}
      {said(x.betterOnes, r.better)}
    </section>
  );
}
