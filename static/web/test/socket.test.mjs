import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, mock, test } from 'node:test';
import { FakeSocket } from './browser.mjs';
import { done, load } from './load.mjs';

mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
const { Socket } = await load('/src/socket.ts');
const state = await load('/src/store/state.ts');
const { node } = await load('/src/node.ts');
after(async () => {
  mock.timers.reset();
  await done();
});

const you = { role: 'participant', name: 'S', nip: '', unit: '', region: '', may: ['ask', 'support'] };
const question = (id, status, support = 0) => ({ id, text: id, status, support, region: '', unit: '', askedAt: '' });
const tick = (ms) => {
  for (let left = ms; left > 0; left -= 250) mock.timers.tick(Math.min(250, left));
};
// Until the next socket is opened, and no longer: one that hears nothing is given up after a while.
const nextTry = () => {
  const n = FakeSocket.all.length;
  for (let left = 20_000; left > 0 && FakeSocket.all.length === n; left -= 250) mock.timers.tick(250);
};
const settled = () => new Promise((r) => setImmediate(r));

let socket, fresh;
function welcome(boot = 'b1', session = 's1', nodes) {
  FakeSocket.last.open();
  FakeSocket.last.say('welcome', { v: 1, session, boot, you, now: Date.now(), nodes });
}
beforeEach(() => {
  FakeSocket.all.length = 0;
  sessionStorage.removeItem('betang.wire.join.demo');
  state.rev.value = 0;
  fresh = [];
  node.value = '';
  socket = new Socket('demo', 'tok', 'join.demo');
  socket.onWelcome = (_, f) => fresh.push(f);
});
afterEach(() => socket.stop());

test('hello, then resume from the last revision and session', () => {
  assert.equal(FakeSocket.last.url, 'wss://betang.test/ws');
  welcome();
  const first = FakeSocket.last.sent[0];
  assert.deepEqual([first.t, first.d.token, first.d.rev, first.d.session], ['hello', 'tok', 0, '']);
  FakeSocket.last.say('state', { rev: 7, full: true, questions: [question('q1', 'approved'), question('q2', 'approved')] });
  FakeSocket.last.say('state', { rev: 9, full: false, questions: [question('q1', 'gone'), question('q2', 'answered', 4)] });
  assert.deepEqual([...state.questions.value.keys()], ['q2']);
  assert.equal(state.questions.value.get('q2').status, 'answered');
  FakeSocket.last.close();
  assert.equal(state.connection.value, 'reconnecting');
  tick(2000);
  assert.equal(FakeSocket.all.length, 2);
  welcome();
  const again = FakeSocket.last.sent[0].d;
  assert.deepEqual([again.rev, again.session], [9, 's1']);
  assert.deepEqual(fresh, [true, false], 'media of a living session is kept');
  FakeSocket.last.close();
  tick(2000);
  welcome('b2');
  assert.equal(fresh.at(-1), true, 'a restarted server knows no media');
});

test('an ack answers its own message, an error refuses it', async () => {
  welcome();
  const good = socket.request('ask', { text: 'a' });
  const bad = socket.request('support', { question: 'q1', on: true });
  await settled();
  const [ask, support] = FakeSocket.last.sent.slice(1);
  assert.ok(ask.id > 0 && support.id > ask.id);
  FakeSocket.last.say('error', { kind: 'TooMany', code: 'support_rate', message: 'pelan' }, support.id);
  FakeSocket.last.say('ack', { rev: 12 }, ask.id);
  assert.deepEqual(await good, { rev: 12 });
  await assert.rejects(bad, { kind: 'TooMany', code: 'support_rate', message: 'pelan' });
});

test('a request made while away is sent once back; one whose answer was lost fails', async () => {
  welcome();
  const lost = socket.request('ask', { text: 'lost' });
  await settled();
  FakeSocket.last.close();
  await assert.rejects(lost, { kind: 'Offline', code: 'lost' });
  const waiting = socket.request('ask', { text: 'waiting' });
  await settled();
  tick(2000);
  welcome();
  await settled();
  const sent = FakeSocket.last.sent.filter((m) => m.t === 'ask');
  assert.deepEqual(sent.map((m) => m.d.text), ['waiting']);
  FakeSocket.last.say('ack', { rev: 1 }, sent[0].id);
  await waiting;
  const never = socket.request('ask', { text: 'x' });
  const refused = assert.rejects(never, { kind: 'Offline', code: 'lost' });
  await settled();
  for (let i = 0; i < 12; i++) {
    tick(1000);
    FakeSocket.last.say('pong'); // the socket lives, only the answer never comes
  }
  await refused;
});

test('goodbye with a slot waits for it, without one ends', () => {
  welcome();
  FakeSocket.last.say('goodbye', { reason: 'restart', retryMs: 20_000, message: '' });
  FakeSocket.last.close();
  tick(19_500);
  dispatchEvent(new Event('online')); // a network that comes back does not jump the queue
  tick(250);
  assert.equal(FakeSocket.all.length, 1);
  tick(500);
  assert.equal(FakeSocket.all.length, 2);
  welcome();
  FakeSocket.last.say('goodbye', { reason: 'replaced', retryMs: 0, message: 'm' });
  tick(120_000);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(state.connection.value, 'closed');
  assert.deepEqual(state.goodbye.value, { reason: 'replaced', message: 'm' });
});

test('a refused hello ends, an ill server is tried again', () => {
  FakeSocket.last.open();
  FakeSocket.last.say('error', { kind: 'Internal', code: 'storage', message: '' });
  FakeSocket.last.close();
  tick(2000);
  assert.equal(FakeSocket.all.length, 2);
  FakeSocket.last.open();
  FakeSocket.last.say('error', { kind: 'NotAllowed', code: 'token_expired', message: 'x' });
  tick(60_000);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(state.goodbye.value.reason, 'token_expired');
});

test('silence is noticed within 9 s, and pings keep an idle socket alive', () => {
  welcome();
  for (let i = 0; i < 20; i++) {
    tick(1000);
    FakeSocket.last.say('pong');
  }
  assert.equal(FakeSocket.all.length, 1);
  const pings = FakeSocket.last.sent.filter((m) => m.t === 'ping').length;
  assert.ok(pings >= 5 && pings <= 7, `${pings} pings in 20 s`);
  tick(9500);
  assert.equal(state.connection.value, 'reconnecting');
});

test('a network that came back: an open socket must answer within 3 s, a new one is tried at once', () => {
  welcome();
  dispatchEvent(new Event('online'));
  assert.equal(FakeSocket.last.sent.at(-1).t, 'ping');
  FakeSocket.last.say('pong');
  tick(4000);
  assert.equal(FakeSocket.all.length, 1, 'it answered');
  FakeSocket.last.say('pong');
  dispatchEvent(new Event('online'));
  tick(3500);
  assert.equal(state.connection.value, 'reconnecting', 'it did not');
  tick(1300);
  assert.equal(FakeSocket.all.length, 2);
  tick(2000); // this one was begun while the network was still away
  dispatchEvent(new Event('online'));
  tick(1100);
  assert.equal(FakeSocket.all.length, 3);
  welcome();
  assert.equal(state.connection.value, 'open');
});

test('one that does not open is given up after 5 s, and the next comes within 3 s', () => {
  welcome();
  FakeSocket.last.close();
  tick(1100);
  for (let i = 0; i < 6; i++) {
    const n = FakeSocket.all.length;
    tick(8000);
    assert.ok(FakeSocket.all.length > n && FakeSocket.all.length <= n + 2, `${FakeSocket.all.length - n} more`);
  }
});

test('back-off grows, is spread, and stays below 16 s', () => {
  state.counts.value = { viewers: 5000, participants: 5000, guests: 0, hearing: 0 };
  const waits = [];
  for (let i = 0; i < 14; i++) {
    const n = FakeSocket.all.length;
    FakeSocket.last.close();
    let ms = 0;
    while (FakeSocket.all.length === n) {
      tick(50);
      ms += 50;
      assert.ok(ms < 16_000, 'waited too long');
    }
    waits.push(ms);
  }
  assert.ok(waits[0] <= 2800, `first try after ${waits[0]} ms`);
  assert.ok(Math.max(...waits) > 3000, `never more than ${Math.max(...waits)} ms`);
  state.counts.value = { viewers: 0, participants: 0, guests: 0, hearing: 0 };
});

test('sent on: to the server that is named, with the same revision and session, and it stays there', async () => {
  welcome();
  FakeSocket.last.say('state', { rev: 7, full: true });
  FakeSocket.last.say('goodbye', { reason: 'moved', retryMs: 1, message: '', nodes: ['https://kotim.test', 'https://asal.test'] });
  await settled();
  assert.equal(state.connection.value, 'connecting', 'nothing is lost, so nothing is said');
  tick(250);
  assert.equal(FakeSocket.last.url, 'wss://kotim.test/ws');
  welcome('b7', 's1');
  const { rev, session, placed } = FakeSocket.last.sent[0].d;
  assert.deepEqual([rev, session, placed], [7, 's1', true]);
  FakeSocket.last.close();
  tick(2000);
  assert.equal(FakeSocket.last.url, 'wss://kotim.test/ws', 'it may be a moment only');
});

test('a race: to the server that answers soonest', async () => {
  const real = globalThis.fetch;
  globalThis.fetch = (url) => (url.startsWith('https://near') ? Promise.resolve({}) : new Promise(() => {}));
  FakeSocket.last.open();
  FakeSocket.last.say('goodbye', { reason: 'moved', retryMs: 1, message: '', race: true, nodes: ['https://far.test', 'https://near.test'] });
  await settled();
  globalThis.fetch = real;
  tick(250);
  assert.equal(FakeSocket.last.url, 'wss://near.test/ws');
});

test('a server that came after the welcome is turned to as well', () => {
  welcome();
  FakeSocket.last.say('counts', { viewers: 1, participants: 1, guests: 0, hearing: 0, nodes: ['https://betang.test', 'https://kotim.test'] });
  FakeSocket.last.say('counts', { viewers: 2, participants: 1, guests: 0, hearing: 0, nodes: ['https://betang.test', 'https://kotim.test'] });
  FakeSocket.last.close();
  const tried = [];
  for (let i = 0; i < 3; i++) {
    nextTry();
    tried.push(FakeSocket.last.url);
    FakeSocket.last.close();
  }
  assert.deepEqual(tried, ['wss://betang.test/ws', 'wss://kotim.test/ws', 'wss://betang.test/ws']);
});

test('a server that is down: to the others in turn, and back', () => {
  welcome('b1', 's1', ['https://kotim.test']);
  FakeSocket.last.close();
  const tried = [];
  for (let i = 0; i < 4; i++) {
    nextTry();
    tried.push(FakeSocket.last.url);
    FakeSocket.last.close();
  }
  assert.deepEqual(tried, ['wss://betang.test/ws', 'wss://kotim.test/ws', 'wss://betang.test/ws', 'wss://kotim.test/ws']);
});
