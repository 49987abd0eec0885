import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import './browser.mjs';
import { done, load } from './load.mjs';

const { CAMERA, Doubling, INTERPRETER, SCREEN, Uplink } = await load('/src/media/uplink.ts');
const { redundant, stereo } = await load('/src/media/pc.ts');
after(done);

const good = { kbps: 2400, availableKbps: 3000, lost: 0, rttMs: 40 };
// What an uplink of so many kbit/s reads like. A browser never believes in much more than twice what it sends.
const path = (kbps) => (u) => {
  const sends = u.layers.reduce((n, l) => n + (l.active ? l.maxBitrate / 1000 : 0), 50);
  return { kbps: Math.min(kbps, sends), availableKbps: Math.min(kbps, 2 * sends), lost: kbps < sends * 0.7 ? 0.2 : 0, rttMs: 60 };
};
const run = (u, from, to, read) => {
  const steps = [];
  for (let at = from; at < to; at += 1000) if (u.take(at, read(u))) steps.push([at, u.step]);
  return steps;
};

test('each step of a plan costs less than it needs, and more than the one below', () => {
  for (const plan of [CAMERA, INTERPRETER, SCREEN]) {
    let before = 0;
    for (const [i, s] of plan.entries()) {
      assert.equal(s.layers.length, plan[0].layers.length);
      const rate = s.layers.reduce((n, l) => n + (l.active ? l.maxBitrate : 0), 0) / 1000;
      assert.ok(rate > before, `step ${i}: ${rate} after ${before}`);
      assert.ok(i === 0 || s.needs > plan[i - 1].needs);
      before = rate;
    }
  }
  for (const s of SCREEN) assert.ok(s.layers[0].active && s.layers.every((l) => l.scaleResolutionDownBy === 1), 'letters stay sharp');
});

test('the first seconds, when every browser starts low, change nothing', () => {
  const u = new Uplink(CAMERA);
  assert.deepEqual(run(u, 0, 9000, () => ({ ...good, availableKbps: 100 })), []);
  assert.deepEqual(run(u, 9000, 60_000, () => good), []);
  assert.ok(u.best);
});

test('down within seconds to what the uplink carries, and back up by itself', () => {
  const u = new Uplink(CAMERA);
  run(u, 0, 20_000, () => good);
  const down = run(u, 20_000, 32_000, path(400));
  assert.ok(down.length && down[0][0] <= 24_000, `${down}`);
  assert.equal(u.step, 1);
  assert.equal(u.layers.filter((l) => l.active).length, 1);
  run(u, 32_000, 40_000, path(100));
  assert.equal(u.step, 0);
  const up = run(u, 40_000, 140_000, path(4000));
  assert.deepEqual(up.map((s) => s[1]), [1, 2, 3, 4]);
  assert.ok(up.at(-1)[0] <= 105_000, `${up}`);
});

test('who sends little is not taken to have a narrow uplink', () => {
  const u = new Uplink(CAMERA);
  assert.deepEqual(run(u, 0, 120_000, () => ({ ...good, kbps: 90, availableKbps: 300 })), []);
});

test('losses and delay count where a browser does not say what it could send', () => {
  for (const [ill, for_, step] of [[{ kbps: 900, availableKbps: 0, lost: 0.2, rttMs: 60 }, 6000, 2], [{ kbps: 900, availableKbps: 0, lost: 0, rttMs: 2500 }, 3000, 3]]) {
    const u = new Uplink(CAMERA);
    run(u, 0, 20_000, () => ({ ...good, availableKbps: 0 }));
    assert.ok(u.best);
    run(u, 20_000, 20_000 + for_, () => ill);
    assert.equal(u.step, step);
  }
});

test('a step that is regretted again and again is tried more and more seldom', () => {
  const u = new Uplink(CAMERA);
  run(u, 0, 20_000, () => good);
  const all = run(u, 20_000, 620_000, path(700));
  const early = all.filter(([at]) => at < 140_000).length;
  const late = all.filter(([at]) => at >= 500_000).length;
  assert.ok(late <= 4 && late < early, `${early} changes in the first two minutes, ${late} in the last two`);
  assert.ok(all.length > 4, 'and it goes on trying');
});

// A path that loses a share of whatever is sent, and carries all of it.
const leaky = (share, availableKbps) => (u) => {
  const sends = u.layers.reduce((n, l) => n + (l.active ? l.maxBitrate / 1000 : 0), 50);
  return { kbps: sends, availableKbps, lost: share, rttMs: 100 };
};

test('what the path loses by itself is no reason for a smaller picture', () => {
  for (const known of [3000, 0]) {
    const u = new Uplink(CAMERA);
    run(u, 0, 20_000, () => ({ ...good, availableKbps: known }));
    const steps = run(u, 20_000, 120_000, leaky(0.17, known));
    assert.deepEqual(steps.map((s) => s[1]), [4, 4], `less is tried, of the same layers: ${steps}`);
    assert.ok(steps[1][0] - steps[0][0] <= 4000, `${steps}`);
    assert.deepEqual(u.layers, CAMERA[4].layers);
    run(u, 120_000, 127_000, leaky(0.4, known)); // more than its own
    assert.ok(u.step < 4);
  }
});

test('a tenth lost without a longer round trip is a radio, and nothing is tried; with one it is', () => {
  for (const [rttMs, tried] of [[60, false], [180, true]]) {
    const u = new Uplink(CAMERA);
    run(u, 0, 20_000, () => good);
    const steps = run(u, 20_000, 60_000, (v) => ({ ...leaky(0.12, 3000)(v), rttMs }));
    assert.equal(steps.length > 0, tried, `${rttMs} ms: ${steps}`);
    assert.ok(u.best);
  }
});

test('to see whether losses go with less, rates are lowered by two fifths, of a still picture too, and nothing else', () => {
  for (const kbps of [2150, 700]) {
    const u = new Uplink(CAMERA);
    run(u, 0, 20_000, () => good);
    run(u, 20_000, 23_000, () => ({ ...good, kbps, lost: 0.17 }));
    const sum = (layers) => layers.reduce((n, l) => n + l.maxBitrate, 0);
    const rate = sum(u.layers) / 1000;
    assert.ok(Math.abs(rate / kbps - 0.6) < 0.02, `${rate} of ${kbps}`);
    assert.deepEqual(u.layers.map((l) => ({ ...l, maxBitrate: 0 })), CAMERA[4].layers.map((l) => ({ ...l, maxBitrate: 0 })));
  }
});

test('an uplink that is full is not taken for one that loses by itself', () => {
  const u = new Uplink(CAMERA);
  run(u, 0, 20_000, () => ({ ...good, availableKbps: 0 }));
  const steps = run(u, 20_000, 45_000, (v) => {
    const sends = v.layers.reduce((n, l) => n + (l.active ? l.maxBitrate / 1000 : 0), 50);
    return { kbps: sends, availableKbps: 0, lost: Math.max(0, 1 - 500 / sends), rttMs: 60 };
  });
  assert.ok(steps.length && steps.every((s, i) => i === 0 || s[1] <= steps[i - 1][1]), `${steps}`);
  assert.equal(u.step, 1);
});

test('a voice goes twice while packets are lost and there is room for it', () => {
  const d = new Doubling();
  const take = (at, lost, availableKbps = 3000, music = false) => (d.take(at, { ...good, lost, availableKbps }, music), d.on);
  assert.equal(take(0, 0.015), false);
  assert.equal(take(1000, 0.05), true);
  assert.equal(take(2000, 0), true);
  assert.equal(take(21_000, 0.01), true, 'and so it stays while some are lost');
  assert.equal(take(22_000, 0), true);
  assert.equal(take(42_000, 0), false);
  assert.equal(take(43_000, 0.05, 100), false, 'no room');
  assert.equal(take(44_000, 0.05, 400), true);
  assert.equal(take(45_000, 0.05, 400, true), false, 'music takes more');
  assert.equal(take(46_000, 0.05, 0), true, 'not told');
});

test('redundancy is asked for first, of an answer that has it', () => {
  const sdp = ['m=audio 9 UDP/TLS/RTP/SAVPF 111 63', 'a=rtpmap:111 opus/48000/2', 'a=rtpmap:63 red/48000/2', 'm=video 9 UDP/TLS/RTP/SAVPF 96', ''].join('\r\n');
  assert.equal(redundant(sdp), sdp.replace('111 63', '63 111'));
  assert.equal(redundant(redundant(sdp)), redundant(sdp));
  assert.equal(redundant(sdp.replace('RTP/SAVPF 111 63', 'RTP/SAVPF 111')), sdp.replace('RTP/SAVPF 111 63', 'RTP/SAVPF 111'));
  assert.equal(redundant('m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n'), 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n');
});

test('stereo is said of Opus, and of nothing else', () => {
  const sdp = ['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1', 'a=rtpmap:63 red/48000/2', 'a=fmtp:63 111/111',
    'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96', ''].join('\r\n');
  const out = stereo(sdp);
  assert.match(out, /^a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r$/m);
  assert.equal(stereo(out), out);
  assert.equal(out.replace(';stereo=1', ''), sdp);
  assert.match(stereo(out, 160_000), /^a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;maxaveragebitrate=160000\r$/m);
  assert.doesNotMatch(stereo(stereo(out, 160_000)), /maxaverage/);
});
