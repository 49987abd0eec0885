import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import './browser.mjs';
import { done, load } from './load.mjs';

const { Evidence } = await load('/src/media/evidence.ts');
after(done);

const at = (s, frames, audioMs) => ({ at: s * 1000, frames, audioMs });

test('every second in which something was decoded counts, no other', () => {
  const e = new Evidence();
  assert.equal(e.take(true), null);
  for (const s of [at(0, 0, 0), at(1, 25, 1000), at(2, 50, 2000), at(3, 50, 2000), at(4, 50, 2000), at(5, 75, 2600)]) e.add(s);
  assert.deepEqual(e.take(true), { ms: 3000, frames: 75, audio: 2600, visible: true });
  assert.equal(e.take(true), null, 'nothing is reported twice');
});

test('sound alone counts as long as it sounded', () => {
  const e = new Evidence();
  e.add(at(0, 0, 0));
  e.add(at(1, 0, 400));
  assert.deepEqual(e.take(false), { ms: 400, frames: 0, audio: 400, visible: false });
});

test('one frame after a sleep does not prove the sleep', () => {
  const e = new Evidence();
  e.add(at(0, 10, 1000));
  e.add(at(600, 11, 1000));
  assert.deepEqual(e.take(true), { ms: 2000, frames: 1, audio: 0, visible: true });
});

test('a report never exceeds what the server takes, nor the wall clock', () => {
  const e = new Evidence();
  e.add(at(0, 0, 0));
  e.add(at(60, 1500, 90_000));
  const p = e.take(true);
  assert.equal(p.ms, 15_000);
  assert.equal(p.audio, 15_000);
});

test('a new connection begins its counters at zero', () => {
  const e = new Evidence();
  e.add(at(0, 100, 5000));
  e.add(at(1, 125, 6000));
  e.restart();
  e.add(at(2, 3, 10));
  e.add(at(3, 28, 1010));
  assert.deepEqual(e.take(true), { ms: 2000, frames: 50, audio: 2000, visible: true });
});
