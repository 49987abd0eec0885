import { useEffect } from 'preact/hooks';
import { setTitle } from '../../a11y';
import house from '../../assets/betang.svg';
import { t } from '../../i18n';
import { Masthead } from '../../ui/parts';
import './landing.css';
import { w } from './words';

export function Landing() {
  useEffect(() => setTitle(t.value.tagline), [t.value]);
  const x = w.value;
  return (
    <>
      <Masthead home={false} />
      <main id="main" class="landing">
        <div class="hero">
          <div class="hero-in">
            <div>
              <h1>{x.title}</h1>
              <p>{x.lead}</p>
            </div>
            <img src={house} alt="" width={640} height={250} />
          </div>
        </div>
        <section class="page" aria-labelledby="how">
          <h2 id="how">{x.how}</h2>
          <ol class="steps">
            {[x.step1, x.step2, x.step3].map((s) => (
              <li key={s} class="card">{s}</li>
            ))}
          </ol>
          <p class="muted">{x.help}</p>
          <p><a href="/uji" data-testid="to-uji">{x.test}</a></p>
        </section>
      </main>
    </>
  );
}
