import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import './browser.mjs';
import { done, load } from './load.mjs';

const { ALIKE, nearest, ranked, similarity } = await load('/src/pages/desk/similar.ts');
const { grade } = await load('/src/pages/stage/health.tsx');
const { initials } = await load('/src/pages/stage/namecard.ts');
after(done);

const q = (id, text, support = 0) => ({ id, text, support });

test('duplicates are found over wording, endings and typing errors', () => {
  const pairs = [
    ['Apakah materi paparan dapat diunduh?', 'Materinya bisa diunduh di mana?'],
    ['Kapan sertifikat kegiatan ini terbit?', 'Sertifikatnya kapan terbit ya?'],
    ['Apakah PPPK paruh waktu wajib 24 JP per tahun?', 'PPPK paruh waktu wajib 24 JP pertahun?'],
    ['Bagaimana nasib tenaga honorer tahun depan?', 'bagaimana nasib tenaga honoror tahun depan'],
  ];
  for (const [a, b] of pairs) assert.ok(similarity(a, b) >= ALIKE, `${similarity(a, b)} for "${b}"`);
});

test('different questions are not offered as duplicates', () => {
  const all = [
    'Apakah materi paparan dapat diunduh?',
    'Kapan sertifikat kegiatan ini terbit?',
    'Bagaimana nasib tenaga honorer tahun depan?',
    'Mohon arahan Bapak tentang penempatan guru di daerah pedalaman.',
    'Apakah ada rencana penambahan kuota tugas belajar?',
  ];
  for (const a of all) for (const b of all) if (a !== b) assert.ok(similarity(a, b) < ALIKE, `"${a}" / "${b}"`);
});

test('likeness is symmetric, 1 for the same and 0 for nothing in common', () => {
  const [a, b] = ['Kapan sertifikat terbit?', 'Sertifikatnya kapan terbit ya?'];
  assert.equal(similarity(a, b), similarity(b, a));
  assert.equal(similarity(a, a.toUpperCase()), 1);
  assert.equal(similarity(a, 'Bagaimana jalan desa?'), 0);
  assert.equal(similarity('', ''), 0);
});

test('ranked puts the most alike first, then support, then age, and never the question itself', () => {
  const me = q('q9', 'Kapan sertifikat terbit?');
  const others = [q('q3', 'Jalan desa'), q('q2', 'Air bersih', 5), q('q1', 'Listrik desa'), q('q4', 'Sertifikat kapan terbit?'), me];
  assert.deepEqual(ranked(me, others).map((m) => m.question.id), ['q4', 'q2', 'q1', 'q3']);
  assert.equal(nearest(me, others).question.id, 'q4');
  assert.equal(nearest(me, [me, others[0]]), null);
});

test('the uplink in one word: what hurts most wins', () => {
  const h = { kbps: 1500, width: 1280, height: 720, fps: 30, limited: 'none', rttMs: 40, availableKbps: 2500, lost: 0, step: 4, best: true };
  assert.equal(grade(h), 'good');
  assert.equal(grade({ ...h, availableKbps: 0 }), 'good'); // not every browser tells
  assert.equal(grade({ ...h, limited: 'bandwidth' }), 'slow');
  assert.equal(grade({ ...h, step: 2, best: false }), 'slow'); // what is encoded is less than it could be
  assert.equal(grade({ ...h, limited: 'cpu' }), 'cpu');
  assert.equal(grade({ ...h, limited: 'cpu', lost: 0.2 }), 'bad');
  assert.equal(grade({ ...h, rttMs: 1200 }), 'bad');
  assert.equal(grade({ ...h, availableKbps: 90 }), 'bad');
});

test('initials leave titles out', () => {
  assert.equal(initials('Sri Wahyuni'), 'SW');
  assert.equal(initials('Dr. H. Sri Wahyuni, S.Sos., M.Si.'), 'SW');
  assert.equal(initials('Yansen'), 'Y');
  assert.equal(initials('Theresia Mahanani Tundan'), 'TT');
  assert.equal(initials(''), '');
});
