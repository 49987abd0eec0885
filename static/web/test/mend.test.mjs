import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import './browser.mjs';
import { done, load } from './load.mjs';

const { wait } = await load('/src/backoff.ts');
const { Mender } = await load('/src/media/mend.ts');
after(done);

const run = (m, from, to, { every = 1000, received, open = () => true } = {}) => {
  const told = [];
  for (let at = from; at <= to; at += every) {
    if (received) m.beat(at, received(at), true);
    const what = m.next(at, open(at));
    if (what) told.push([at, what]);
    if (what === 'rebuild') m.built(at);
  }
  return told;
};
const up = (patience = 3200) => {
  const m = new Mender(patience, 700, () => 0.5);
  m.built(0);
  m.connected(500);
  m.beat(1000, 100, true);
  m.beat(2000, 200, true);
  return m;
};

test('a stream that flows is left alone, also while an empty stage sends only checks', () => {
  assert.deepEqual(run(up(), 3000, 60_000, { received: (at) => at }), []);
  assert.deepEqual(run(up(), 3000, 60_000, { received: (at) => Math.floor(at / 2500) + 1000 }), []);
});

test('silence restarts ICE, once, again, and only then makes a new connection', () => {
  const told = run(up(), 3000, 16_000, { received: () => 200 });
  assert.deepEqual(told.slice(0, 3), [[6000, 'restart'], [9000, 'restart'], [12_000, 'rebuild']]);
});

test('the browser saying disconnected restarts at once; life after it ends the matter', () => {
  const m = up();
  m.disconnected(2600);
  assert.equal(m.next(2600, true), 'restart');
  assert.equal(m.broken, true);
  m.beat(4000, 260, true);
  assert.equal(m.broken, false);
  assert.deepEqual(run(m, 5000, 30_000, { received: (at) => at }), []);
});

test('a doubted path has a moment to prove itself', () => {
  const dead = up();
  dead.doubt(2100);
  dead.beat(2800, 200, true);
  assert.equal(dead.next(2800, true), 'restart');
  const told = up(); // by the server, which sends and hears nothing
  told.doubt(2100, 300);
  told.beat(2400, 200, true);
  assert.equal(told.next(2400, true), 'restart');
  const alive = up();
  alive.doubt(2100);
  alive.beat(2800, 250, true);
  assert.equal(alive.next(2800, true), '');
  assert.equal(alive.next(3000, true), '');
});

test('while the socket is away nothing is decided; back in time it restarts, too late it makes a new connection', () => {
  const short = up();
  short.disconnected(3000);
  assert.deepEqual(run(short, 3000, 11_000, { open: (at) => at >= 11_000 }), [[11_000, 'restart']]);
  const long = up();
  long.disconnected(3000);
  assert.deepEqual(run(long, 3000, 40_000, { open: (at) => at >= 40_000 }), [[40_000, 'rebuild']]);
});

test('a browser that does not count its checks is given more time', () => {
  const m = new Mender(3200, 700, () => 0.5);
  m.built(0);
  m.connected(500);
  m.beat(1000, 100, false);
  for (let at = 2000; at <= 7000; at += 1000) {
    m.beat(at, 100, false);
    assert.equal(m.next(at, true), '', String(at));
  }
  m.beat(8000, 100, false);
  assert.equal(m.next(8000, true), 'restart');
});

test('a connection that does not come up is made anew, slower and slower', () => {
  const m = new Mender(3200, 700, () => 0.5);
  m.built(0);
  const at = run(m, 0, 200_000).map(([t]) => t);
  const gaps = at.map((t, i) => t - (at[i - 1] ?? 0));
  assert.equal(gaps[0], 8000);
  for (let i = 1; i < gaps.length; i++) assert.ok(gaps[i] >= gaps[i - 1] && gaps[i] <= 31_000, gaps.join());
});

test('own network away: a try every second; the server away: all who watch come back no faster than it takes them in', () => {
  for (let n = 0; n < 50; n++) for (const dice of [0, 0.5, 0.999]) assert.ok(wait('silent', n, 9000, dice) <= 1200);
  assert.ok(wait('closed', 0, 0, 0.999) <= 1000);
  assert.ok(wait('closed', 0, 5000, 0.999) > 2000);
  // 5,000 pages that were refused some times: no second sees much more than 400 tries.
  const seconds = new Array(16).fill(0);
  for (let i = 0; i < 5000; i++) seconds[Math.floor(wait('refused', 5, 5000, (i + 0.5) / 5000) / 1000)]++;
  assert.ok(Math.max(...seconds) <= 410, seconds.join());
  assert.ok(wait('refused', 30, 0, 0.999) <= 4300, 'a small event comes back within 4.3 s');
});
