import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import './browser.mjs';
import { done, load } from './load.mjs';

const t = await load('/src/time.ts');
after(done);

test('WIB, whatever the device thinks', () => {
  assert.equal(t.formatDate('2025-09-24T02:00:00Z', 'id'), 'Rabu, 24 September 2025');
  assert.equal(t.formatSpan('2025-09-24T02:00:00Z', '2025-09-24T04:30:00Z', 'id'), 'pukul 09.00–11.30 WIB');
  assert.equal(t.formatSpan('2025-09-24T02:00:00Z', '2025-09-24T04:30:00Z', 'en'), '09:00–11:30 WIB');
  assert.equal(t.formatDate('2025-12-31T17:00:00Z', 'id'), 'Kamis, 1 Januari 2026'); // already tomorrow in WIB
});

test('numbers and durations', () => {
  assert.equal(t.formatNumber(1250, 'id'), '1.250');
  assert.equal(t.formatNumber(87.46, 'id'), '87,5');
  assert.equal(t.formatNumber(1234567.5, 'id'), '1.234.567,5');
  assert.equal(t.formatNumber(1250, 'en'), '1,250');
  assert.equal(t.formatDuration(8100, 'id'), '2 jam 15 menit');
  assert.equal(t.formatDuration(3600, 'id'), '1 jam');
  assert.equal(t.formatDuration(59, 'id'), '59 detik');
  assert.equal(t.formatElapsed(3723_999), '1:02:03');
  assert.equal(t.formatElapsed(-5), '00:00');
});

test('the clock is the server’s', () => {
  t.setServerTime(1_000_000);
  assert.ok(Math.abs(t.now() - 1_000_000) < 1000);
  t.setServerTime(0); // a server that says nothing changes nothing
  assert.ok(t.now() >= 1_000_000);
});
