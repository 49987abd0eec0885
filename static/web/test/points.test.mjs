import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import './browser.mjs';
import { done, load } from './load.mjs';

const { decode, encode, END, simplify } = await load('/src/pages/material/points.ts');
after(done);

test('a stroke comes back as it was drawn, within the page', () => {
  const points = [{ x: 0, y: 0 }, { x: 63, y: 64 }, { x: 2048, y: 17 }, { x: END, y: END }];
  assert.deepEqual(decode(encode(points)), points);
  assert.equal(encode([{ x: 0, y: 0 }, { x: END, y: END }]), 'AAAA____');
  assert.deepEqual(decode(encode([{ x: -5, y: 9999 }])), [{ x: 0, y: END }]);
  assert.deepEqual(decode('AAA'), []); // half a point is none
});

test('a simplified stroke keeps its ends and its corners, and fits into a message', () => {
  const line = Array.from({ length: 500 }, (_, i) => ({ x: i * 4, y: 100 }));
  assert.deepEqual(simplify(line), [line[0], line[499]]);
  const corner = [...line, ...Array.from({ length: 300 }, (_, i) => ({ x: 1996, y: 100 + i * 4 }))];
  assert.equal(simplify(corner).length, 3);
  const scribble = Array.from({ length: 2000 }, (_, i) => ({ x: 2000 + 1500 * Math.sin(i * 1.7), y: 2000 + 1500 * Math.cos(i * 2.3) }));
  assert.ok(simplify(scribble).length <= 200);
  assert.equal(simplify([{ x: 1, y: 1 }]).length, 1);
});
