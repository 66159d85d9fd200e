import t from 'tap';
import { mapBounded } from './map-bounded.ts';

t.test('keeps the order, and never more than the limit at a time', async (t) => {
  let running = 0;
  let most = 0;
  const results = await mapBounded([5, 1, 3, 2, 4], 2, async (n) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < n; turn++) await Promise.resolve();
    running -= 1;
    return n * 10;
  });
  t.same(results, [50, 10, 30, 20, 40]);
  t.equal(most, 2);
});

t.test('after a failure nothing is started, and nothing goes on', async (t) => {
  const ended: number[] = [];
  const work = async (n: number) => {
    if (n === 1) throw new Error('one failed');
    await new Promise((resolve) => setImmediate(resolve));
    ended.push(n);
  };
  await t.rejects(mapBounded([0, 1, 2, 3], 2, work), { message: 'one failed' });
  t.same(ended, [0]);
});
