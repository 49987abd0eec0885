import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import './browser.mjs';
import { done, load } from './load.mjs';

const { Choice, cost, frugal } = await load('/src/media/quality.ts');
const { rounded, Usage } = await load('/src/media/usage.ts');
after(done);

const on = (connection) => Object.assign(globalThis.navigator, { connection });
beforeEach(() => {
  localStorage.removeItem('betang.quality');
  on(undefined);
});

test('a device begins with little only where its owner pays for it or asked to save', () => {
  for (const [net, want] of [
    [undefined, ''],
    [{}, ''],
    [{ type: 'wifi', saveData: false }, ''],
    [{ type: 'cellular' }, 'cellular'],
    [{ type: 'wifi', metered: true }, 'cellular'],
    [{ type: 'cellular', saveData: true }, 'saver'],
  ]) {
    assert.equal(frugal(net), want);
    on(net);
    const c = new Choice();
    assert.equal(c.because.value, want);
    assert.equal(c.pin.value, want ? 'save' : 'auto');
  }
});

test("a person's own choice is remembered and outweighs the network", () => {
  on({ type: 'cellular' });
  new Choice().choose('medium');
  const again = new Choice();
  assert.deepEqual([again.pin.value, again.because.value], ['medium', '']);
  localStorage.setItem('betang.quality', 'nonsense');
  assert.equal(new Choice().pin.value, 'save');
});

test('MB an hour come from what arrived lately, headers included', () => {
  const u = new Usage();
  assert.equal(u.mbPerHour(), 0);
  // 50 packets a second of 100 bytes: 5,000 + 50 * 28 bytes a second = 23 MB an hour
  for (let s = 0; s <= 60; s++) {
    u.add(s * 1000, s * 5000, s * 50);
    if (s < 5) assert.equal(u.mbPerHour(), 0, 'too early to tell');
  }
  assert.ok(Math.abs(u.mbPerHour() - 23.04) < 0.01, String(u.mbPerHour()));
  // Then ten times as much: after the window the past is forgotten.
  for (let s = 61; s <= 75; s++) u.add(s * 1000, 300_000 + (s - 60) * 50_000, 3000 + (s - 60) * 500);
  assert.ok(Math.abs(u.mbPerHour() - 230.4) < 1, String(u.mbPerHour()));
  u.restart();
  assert.equal(u.mbPerHour(), 0);
});

test('figures are shown with no more digits than they deserve', () => {
  assert.deepEqual([0.4, 13.4, 33, 86, 199, 226].map(rounded), [0, 13, 35, 85, 200, 230]);
});

test('what is shown to cost something is what plays, not what was chosen', () => {
  assert.deepEqual(cost(45, true, 1500, 'auto'), { mb: 45, about: false });
  assert.deepEqual(cost(0, true, 60, 'auto'), { mb: 25, about: true }); // a voice alone, not yet measured
  assert.deepEqual(cost(0, true, 0, 'low'), { mb: 85, about: true });
  assert.deepEqual(cost(0, false, 0, 'auto'), { mb: 800, about: true }); // nothing plays: what to expect
});
