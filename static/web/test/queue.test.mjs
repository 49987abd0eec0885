import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import './browser.mjs';
import { broken, disk } from './idb.mjs';
import { done, load } from './load.mjs';

const { fragile, held, online, queue, Sender } = await load('/src/pages/ruang/queue.ts');
const idb = await load('/src/pages/ruang/idb.ts');
await idb.all('queue'); // makes the stores
after(done);

/** A PIC's token: nobody checks its signature here. */
const tokenOf = (pic, n = 0) => `h.${btoa(JSON.stringify({ jti: pic, n }))}.s`;
const picOf = (token) => JSON.parse(atob(token.split('.')[1])).jti;

/** The server: each hall is one PIC's, a mark counts once by its name, and the line may fail before or after it. */
const server = {
  reset() {
    Object.assign(this, { up: true, loseAnswers: 0, marks: new Map(), again: 0, dead: new Set(), refuse: new Set(), files: new Set(), calls: 0 });
  },
  owner: (hall) => hall.split('-')[0],
};
const reply = (status, body) => new Response(JSON.stringify(body), { status });
globalThis.fetch = async (path, init) => {
  server.calls++;
  const body = init.body; // read before the line fails, as a browser does
  await new Promise((next) => setImmediate(next));
  if (!server.up) throw new TypeError('no network');
  const token = init.headers.Authorization.slice('Bearer '.length);
  const hall = path.split('/').at(-2);
  const answer = await serve(path, hall, token, body);
  if (server.loseAnswers > 0) {
    server.loseAnswers--;
    throw new TypeError('the answer was lost');
  }
  return answer;
};
async function serve(path, hall, token, body) {
  if (server.dead.has(token)) return reply(401, { kind: 'NotAllowed', code: 'token_expired', message: 'Tautan kedaluwarsa.' });
  if (server.owner(hall) !== picOf(token)) return reply(404, { kind: 'NotFound', code: 'hall_unknown', message: 'Ruang tidak dikenal.' });
  if (path.endsWith('/files')) {
    server.files.add(hall);
    return reply(200, { file: 'x' });
  }
  return reply(200, JSON.parse(body).marks.map((m) => {
    const out = { entry: m.entry, ok: true, retry: false, code: '', message: '', person: m.person, name: 'N' };
    if (server.refuse.has(m.person)) return { ...out, ok: false, code: 'x', message: 'Tidak dikenal.' };
    if (server.marks.has(m.entry)) server.again++;
    else server.marks.set(m.entry, { hall, pic: picOf(token), person: m.person, at: m.at });
    return out;
  }));
}

const idle = async () => {
  for (let i = 0; i < 30; i++) await new Promise((next) => setImmediate(next));
};
const mark = (hall, person) => ({ hall, person, nip: '', code: '', name: person, out: false, how: 'list', reason: 'Tanpa ponsel', file: '' });

/** Closes the tab: nothing of it goes on, only the disk stays. */
const close = (s) => {
  s?.stop();
  queue.value = [];
};

beforeEach(() => {
  server.reset();
  for (const store of disk.values()) store.clear();
  queue.value = [];
  broken.is = false;
  fragile.value = false;
  held.value = '';
  online.value = true;
});

test('marks taken without a signal outlive a closed tab and a sign-out, and arrive once', async () => {
  server.up = false;
  let s = new Sender('demo', tokenOf('ani'));
  await s.start();
  for (const p of ['a', 'b', 'c', 'd', 'e']) await s.add(mark('ani-1', p));
  await idle();
  assert.equal(online.value, false);
  close(s);

  s = new Sender('demo', ''); // signed out: the door of the page sends
  await s.start();
  assert.equal(queue.value.length, 5);
  server.up = true;
  server.loseAnswers = 1; // it arrives, and the phone does not hear of it
  await s.flush();
  assert.equal(server.marks.size, 5);
  assert.equal(queue.value.length, 5);
  await s.flush();
  assert.equal(queue.value.length, 0);
  assert.equal(disk.get('queue').size, 0);
  assert.deepEqual([server.marks.size, server.again], [5, 5]);
  close(s);
});

test("another PIC on the same phone sends the first one's marks with the first one's right", async () => {
  server.up = false;
  const ani = new Sender('demo', tokenOf('ani'));
  await ani.start();
  await ani.add(mark('ani-1', 'a'));
  close(ani);
  const budi = new Sender('demo', tokenOf('budi'));
  await budi.start();
  await budi.add(mark('budi-1', 'b'));
  await idle();
  server.up = true;
  await budi.flush();
  assert.deepEqual([...server.marks.values()].map((m) => `${m.pic} ${m.person}`).sort(), ['ani a', 'budi b']);
  close(budi);
});

test('what one link may no longer send waits, says why, holds nothing else up, and goes with a new link of the same PIC', async () => {
  const old = tokenOf('ani', 1);
  const ani = new Sender('demo', old);
  server.up = false;
  await ani.start();
  await ani.add(mark('ani-1', 'a'));
  await idle();
  close(ani);
  server.up = true;
  server.dead.add(old);
  const budi = new Sender('demo', tokenOf('budi'));
  await budi.start();
  await budi.add(mark('budi-1', 'b'));
  await idle();
  assert.deepEqual([...server.marks.values()].map((m) => m.person), ['b']);
  assert.equal(held.value, 'Tautan kedaluwarsa.');
  assert.equal(queue.value.length, 1);
  assert.equal(queue.value[0].refused, '');
  close(budi);
  const again = new Sender('demo', tokenOf('ani', 2));
  await again.start();
  assert.equal(server.marks.size, 2);
  assert.equal(held.value, '');
  close(again);
});

test('a refused mark stays for its PIC to see, over a closed tab', async () => {
  server.refuse.add('x');
  let s = new Sender('demo', tokenOf('ani'));
  await s.start();
  await s.add(mark('ani-1', 'x'));
  await s.add(mark('ani-1', 'y'));
  await idle();
  close(s);
  s = new Sender('demo', tokenOf('ani'));
  await s.start();
  assert.deepEqual(queue.value.map((q) => [q.person, q.refused]), [['x', 'Tidak dikenal.']]);
  await s.forget(queue.value[0].entry);
  assert.equal(disk.get('queue').size, 0);
  close(s);
});

test('a sheet goes up before the marks that name it', async () => {
  const s = new Sender('demo', tokenOf('ani'));
  await s.start();
  const file = await s.addFile('ani-1', new Blob(['a sheet']));
  await s.add({ ...mark('ani-1', 'a'), how: 'paper', file });
  await idle();
  assert.deepEqual([server.files.size, server.marks.size, disk.get('files').size], [1, 1, 0]);
  close(s);
});

test('a browser that keeps nothing says so, and sends all the same', async () => {
  broken.is = true;
  server.up = false;
  const s = new Sender('demo', tokenOf('ani'));
  await s.start();
  await s.add(mark('ani-1', 'a'));
  assert.equal(fragile.value, true);
  let asked = false;
  dispatchEvent(Object.assign(new Event('beforeunload'), { preventDefault: () => (asked = true) }));
  assert.equal(asked, true);
  await idle();
  server.up = true;
  await s.flush();
  assert.equal(server.marks.size, 1);
  assert.equal(queue.value.length, 0);
  close(s);
});

test('whatever happens to tab, line and sign-in: nothing is lost, nothing counts twice', async () => {
  for (let seed = 1; seed <= 150; seed++) {
    server.reset();
    for (const store of disk.values()) store.clear();
    let x = seed;
    const random = (n) => {
      x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
      return Math.floor((x / 2 ** 32) * n);
    };
    const pics = ['ani', 'budi'];
    let who = 0; // 2: signed out
    let s = new Sender('demo', tokenOf(pics[who]));
    await s.start();
    const taken = new Map();
    for (let step = 0; step < 25; step++) {
      switch (random(7)) {
        case 0: case 1: case 2:
          if (who === 2) break;
          for (let i = 0; i <= random(3); i++) {
            const person = `p${step}.${i}`;
            await s.add(mark(`${pics[who]}-${random(2)}`, person));
            taken.set(person, pics[who]);
          }
          break;
        case 3:
          server.up = !server.up;
          break;
        case 4:
          server.loseAnswers = random(3);
          break;
        case 5: // closed in the middle of whatever it was doing, and opened again, by somebody or by nobody
          close(s);
          who = random(3);
          s = new Sender('demo', who === 2 ? '' : tokenOf(pics[who]));
          await s.start();
          break;
        default:
          await s.flush();
      }
    }
    server.up = true;
    server.loseAnswers = 0;
    close(s);
    await idle();
    s = new Sender('demo', '');
    await s.start();
    await idle();
    await s.flush();
    const got = [...server.marks.values()];
    assert.deepEqual(got.map((m) => `${m.person} ${m.pic}`).sort(), [...taken].map(([p, k]) => `${p} ${k}`).sort(), `seed ${seed}`);
    assert.equal(disk.get('queue').size, 0, `seed ${seed}`);
    close(s);
  }
});
