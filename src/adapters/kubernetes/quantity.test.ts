import t from 'tap';
import { parseQuantity } from './quantity.ts';

t.test('quantities as Kubernetes writes them', async (t) => {
  const cases: [string, number][] = [
    ['2', 2],
    ['250m', 0.25],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['512Mi', 2 ** 29],
    ['2e3', 2000],
    ['1E', 1e18],
    ['100k', 100_000],
  ];
  for (const [text, number] of cases) t.equal(parseQuantity(text), number, text);
  for (const text of ['', 'lots', '1X', 'Gi']) t.ok(Number.isNaN(parseQuantity(text)), `'${text}' is none`);
});
