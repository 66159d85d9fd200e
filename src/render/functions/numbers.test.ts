import fc from 'fast-check';
import t from 'tap';
import { asgSize, nodeCIDRMaxNodes, nodeCIDRMaxPods, parseInt64 } from './numbers.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

t.test('groups of a pool have its size together', async () => {
  const groups = fc.bigInt({ min: 1n, max: 100n });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 6n }), groups, (each, count) => asgSize(each * count, count) === each),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 6n }), groups, (size, count) => {
      if (size % count === 0n) return asgSize(size, count) * count === size;
      try {
        return asgSize(size, count) === undefined;
      } catch (error) {
        return error instanceof Error && error.message === `pool size must be an exact multiple of ${count}`;
      }
    }),
  );
});

t.test('a pod network has room for as many nodes as networks of their size fit in', async () => {
  const masks = fc.tuple(
    fc.integer({ min: 14, max: 16 }),
    fc.integer({ min: 24, max: 28 }),
    fc.integer({ min: 0, max: 50 }),
  );
  fc.assert(
    fc.property(masks, ([pod, mask, reserved]) => {
      return (
        nodeCIDRMaxNodes(BigInt(pod), BigInt(mask), BigInt(reserved)) ===
        BigInt(2 ** (32 - pod) / 2 ** (32 - mask) - reserved)
      );
    }),
  );
});

t.test('a node runs half as many pods as it has addresses, and 110 at most', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 24, max: 28 }), fc.integer({ min: -20, max: 200 }), (mask, extra) => {
      return nodeCIDRMaxPods(BigInt(mask), BigInt(extra)) === BigInt(Math.min(110, 2 ** (32 - mask) / 2 + extra));
    }),
  );
});

t.test('every int64 is read as it is written, and nothing beyond', async (t) => {
  fc.assert(fc.property(int64, (value) => parseInt64(String(value)) === value));
  for (const value of [2n ** 63n, -(2n ** 63n) - 1n]) {
    t.throws(() => parseInt64(String(value)), { message: `strconv.ParseInt: parsing "${value}": value out of range` });
  }
});
