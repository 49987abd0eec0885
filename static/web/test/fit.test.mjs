import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { done, load } from './load.mjs';

const { fit } = await load('/src/pages/kelas/fit.ts');
after(done);

test('tiles fit their box, keep their shape, and no other number of columns would make them larger', () => {
  for (const [w, h] of [[1400, 900], [670, 600], [670, 130], [340, 900], [50, 20]]) {
    for (let n = 1; n <= 10; n++) {
      const t = fit(w, h, n, 8);
      const cols = Math.floor((w + 8) / (t.w + 8));
      const rows = Math.ceil(n / cols);
      assert.ok(t.w > 0 && t.h > 0, `${n} in ${w}x${h}: ${t.w}x${t.h}`);
      assert.ok(rows * t.h + 8 * (rows - 1) <= h, `${n} in ${w}x${h}: ${rows} rows of ${t.h}`);
      assert.ok(t.w * 9 <= t.h * 16 + 16 && t.h * 4 <= t.w * 3 + 4, `${t.w}x${t.h} is no face's shape`);
    }
  }
  assert.deepEqual(fit(1600, 900, 1, 8), { w: 1600, h: 900 });
  assert.equal(fit(0, 900, 3, 8).w, 0);
});
