import { useEffect, useState } from 'preact/hooks';
import { ArrowLeft, CircleAlert } from 'lucide-preact';
import { lang, sentence } from '../../i18n';
import { Refusal } from '../../refusal';
import { formatClock, setServerTime } from '../../time';
import { Tabs } from '../../ui/parts';
import { Confirm } from '../staff/confirm';
import { toast } from '../staff/toast';
import { Card } from './card';
import { getHall, setOpen, type Desk, type Hall, type HallInfo, type Person } from './data';
import * as idb from './idb';
import { List } from './list';
import { Paper } from './paper';
import { online, queue, type Sender } from './queue';
import { Screen } from './screen';
import type { TabProps } from './tab';
import { w } from './words';

type Tab = 'list' | 'card' | 'paper' | 'screen';

/** One hall: who is in it, and the ways to record people who have no phone. */
export function HallPage(p: {
  event: string;
  token: string;
  info: HallInfo;
  desk: Desk;
  people: Person[];
  sender: Sender;
  onBack: () => void;
  onChange: () => Promise<void>;
}) {
  const [hall, setHall] = useState<Hall>({ ...p.info, people: [], screenCode: '', screenPage: '', now: 0 });
  const [tab, setTab] = useState<Tab>(p.info.screens > 0 || p.info.closed ? 'list' : 'screen');
  const [closing, setClosing] = useState(false);
  const x = w.value;
  const key = `hall.${p.event}.${p.info.id}`;
  const load = async () => {
    try {
      const h = await getHall(p.event, p.token, p.info.id);
      setServerTime(h.now);
      setHall(h);
      online.value = true;
      await idb.put('keep', key, h);
    } catch (e) {
      if (e instanceof Refusal && e.kind === 'Offline') online.value = false;
    }
  };
  useEffect(() => {
    void idb.get<Hall>('keep', key).then((kept) => kept && setHall((now) => (now.now ? now : kept)));
    void load();
    p.sender.onSent = () => void load();
    const timer = setInterval(() => void load(), 8000);
    return () => {
      clearInterval(timer);
      p.sender.onSent = () => {};
    };
  }, []);
  const toggle = async (open: boolean) => {
    try {
      await setOpen(p.event, p.token, hall.id, open);
      await Promise.all([load(), p.onChange()]);
    } catch (e) {
      toast('error', open ? x.reopen : x.close, sentence(e));
    }
  };
  const props: TabProps = { event: p.event, token: p.token, desk: p.desk, hall, people: p.people, sender: p.sender, reload: load };
  const here = queue.value.filter((q) => q.hall === hall.id);
  const refused = here.filter((q) => q.refused);
  const unsent = here.length - refused.length;
  return (
    <div class="stack">
      <div class="row spread">
        <button type="button" class="btn bare" onClick={p.onBack} data-testid="hall-back">
          <ArrowLeft size={18} aria-hidden="true" />
          {x.back}
        </button>
        {hall.closed ? (
          <button type="button" class="btn quiet small" onClick={() => void toggle(true)}>{x.reopen}</button>
        ) : (
          <button type="button" class="btn quiet small" onClick={() => setClosing(true)} data-testid="hall-close">{x.close}</button>
        )}
      </div>
      <header class="rb-head">
        <h1>{hall.name}</h1>
        <p class="row">
          <span class={`badge${hall.closed ? ' grey' : ''}`}>{hall.closed ? x.closedState : x.openState}</span>
          <span>{x.inside} <strong class="num" data-testid="hall-inside">{hall.inside}</strong></span>
          <span>{x.left} <strong class="num" data-testid="hall-left">{hall.left}</strong></span>
          {unsent > 0 && <span class="badge gold">{x.plus(unsent)}</span>}
        </p>
        {p.desk.event.phase === 'live' && !hall.receiving && !hall.closed && <p class="banner rb-warn">{x.notReceiving}</p>}
      </header>
      {refused.length > 0 && (
        <section class="rb-refused" aria-label={x.refused}>
          {refused.map((q) => (
            <p key={q.entry} class="row spread" role="alert">
              <span class="row">
                <CircleAlert size={18} aria-hidden="true" />
                <span><strong>{q.name || q.code}</strong> {formatClock(q.at, lang.value)}: {q.refused}</span>
              </span>
              <button type="button" class="btn quiet small" onClick={() => void p.sender.forget(q.entry)}>{x.forget}</button>
            </p>
          ))}
        </section>
      )}
      <Tabs label={x.title} value={tab} onChange={setTab} panel={(k) => `rb-${k}`} tabs={[
        { key: 'list', label: x.tabList, testid: 'tab-list' },
        { key: 'card', label: x.tabCard, testid: 'tab-card' },
        { key: 'paper', label: x.tabPaper, testid: 'tab-paper' },
        { key: 'screen', label: x.tabScreen, testid: 'tab-screen' },
      ]} />
      <div id={`rb-${tab}`} role="tabpanel">
        {tab === 'list' && <List {...props} />}
        {tab === 'card' && <Card {...props} />}
        {tab === 'paper' && <Paper {...props} />}
        {tab === 'screen' && <Screen {...props} />}
      </div>
      {closing && (
        <Confirm title={x.close} text={x.closeAsk} button={x.close} testid="hall-close-confirm" onClose={() => setClosing(false)}
          onYes={() => toggle(false)} />
      )}
    </div>
  );
}
