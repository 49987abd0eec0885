import { BadgeCheck, Flag } from 'lucide-preact';
import { lang, t } from '../../i18n';
import { event, may, mine, you } from '../../store/state';
import { formatDate, formatDuration } from '../../time';
import { Masthead } from '../../ui/parts';
import { later } from '../../ui/later';
import { MineView } from './minelink';
import { w as m } from './minewords';
import { MineList } from './qa';
import { w } from './words';

const SurveyForm = later(() => import('../survey/form').then((m) => m.SurveyForm));

/** After the event: one's own figures, and what became of one's own questions. */
export function Ended({ event: id, token }: { event: string; token: string }) {
  const e = event.value;
  const p = mine.value.presence;
  const x = w.value;
  const l = lang.value;
  return (
    <>
      <Masthead />
      <main id="main" class="page ended" data-testid="state-ended">
        <div class="stack">
          <div class="row">
            <Flag size={28} aria-hidden="true" />
            <p class="badge grey">{t.value.ended}</p>
          </div>
          <h1>{e?.title}</h1>
          {e && <p class="muted">{e.speaker && <>{e.speaker} · </>}{formatDate(e.startsAt, l)}</p>}
          <p>{x.endedLead}</p>
          {you.value?.role === 'guest' ? (
            <p class="card">{x.endedGuest}</p>
          ) : p && p.seconds > 0 && e ? (
            <section class="card stack" aria-labelledby="own" data-testid="own-summary" data-seconds={p.seconds}>
              <h2 id="own">{x.presenceTitle}</h2>
              <dl class="figures">
                <div>
                  <dt>{x.present}</dt>
                  <dd class="num">{formatDuration(p.seconds, l)}</dd>
                </div>
                <div>
                  <dt>{x.ofLive}</dt>
                  <dd class="num">{p.percent}{'\u00a0'}%</dd>
                </div>
                {e.jp > 0 && (
                  <div>
                    <dt>{x.credit}</dt>
                    <dd class="num">{e.jp}</dd>
                  </div>
                )}
              </dl>
              <p>
                <span class={`badge ${p.meets ? '' : 'gold'}`}>
                  {p.meets && <BadgeCheck size={16} aria-hidden="true" />}
                  {p.meets ? t.value.meets : t.value.meetsNot} ({x.needs(e.threshold)})
                </span>
              </p>
              <p class="small muted">{x.endedNote}</p>
            </section>
          ) : (
            you.value?.role === 'participant' && <p class="card">{x.endedNone}</p>
          )}
          {may('survey') && <SurveyForm event={id} token={token} />}
          {you.value?.role === 'participant' && (
            <section class="card stack" aria-labelledby="own-details">
              <h2 id="own-details">{m.value.title}</h2>
              <MineView event={id} token={token} />
            </section>
          )}
          {mine.value.questions.length > 0 && (
            <section class="card stack" aria-labelledby="my-q">
              <h2 id="my-q">{x.tabMine}</h2>
              <MineList />
            </section>
          )}
        </div>
      </main>
    </>
  );
}
