import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import './browser.mjs';
import { done, load } from './load.mjs';

const { rungOf, toneOf, verdictOf, wayOf } = await load('/src/pages/uji/verdict.ts');
const { rtcConfig } = await load('/src/media/pc.ts');
const { only, portOfCandidates } = await load('/src/pages/uji/probe.ts');
after(done);

const tried = (open) => Object.fromEntries(['socket', 'udp', 'tcp', 'tls'].map((way) => [way, { ok: open.includes(way), ms: 1, port: 443 }]));
const fast = { kbps: 1900, loss: 0, rtt: 20, jitter: 1 };

test('green is for UDP alone: the backup ways are ready in amber, and nothing is red that works', () => {
  for (const [open, way, verdict, tone] of [
    [['socket', 'udp', 'tcp', 'tls'], 'udp', 'ready', 'good'],
    [['socket', 'udp'], 'udp', 'ready', 'good'],
    [['socket', 'tcp', 'tls'], 'tcp', 'ready', 'fair'],
    [['socket', 'tls'], 'tls', 'ready', 'fair'],
    [['udp', 'tcp', 'tls'], 'udp', 'none', 'bad'],
  ]) {
    const all = tried(open);
    assert.equal(wayOf(all), way);
    assert.equal(verdictOf(all, fast), verdict);
    assert.equal(toneOf(verdictOf(all, fast), all.udp.ok), tone);
  }
  assert.equal(wayOf(tried(['socket'])), null);
  assert.equal(verdictOf(tried(['socket']), null), 'none');
});

test('a rate decides the rung, and a rung below the middle is no longer green', () => {
  const all = tried(['socket', 'udp', 'tcp', 'tls']);
  for (const [kbps, rung, tone] of [[1900, 'high', 'good'], [800, 'medium', 'good'], [300, 'low', 'fair'], [64, 'voice', 'fair'], [0, 'none', 'bad']]) {
    assert.equal(rungOf(kbps), rung);
    assert.equal(toneOf(verdictOf(all, { ...fast, kbps }), true), tone);
  }
});

test('a try sees the candidates of its own way, and the port that an office must open', () => {
  const sdp = ['v=0', 'a=candidate:1 1 udp 2130706431 10.0.0.1 8444 typ host', 'a=candidate:2 1 TCP 1671430143 10.0.0.1 443 typ host tcptype passive', 'a=end-of-candidates', ''].join('\r\n');
  assert.equal(portOfCandidates(only('udp', sdp)), 8444);
  assert.equal(portOfCandidates(only('tcp', sdp)), 443);
  assert.equal(portOfCandidates(only('tls', sdp)), 8444); // TURN is asked for the UDP one
  assert.equal(portOfCandidates('v=0\r\n'), 0);
  assert.ok(only('tcp', sdp).includes('a=end-of-candidates'));
});

test('nobody is asked for our address: no STUN server, neither foreign nor ours, is named anywhere', () => {
  assert.deepEqual(rtcConfig.iceServers, []);
  const src = new URL('../src/', import.meta.url);
  const files = readdirSync(src, { recursive: true }).filter((f) => /\.tsx?$/.test(f));
  assert.ok(files.length > 100);
  for (const f of files) assert.doesNotMatch(readFileSync(new URL(f, src), 'utf8'), /['"`]stuns?:/, f);
});
