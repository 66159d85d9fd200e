/**
 * Like `Promise.all(items.map(work))` with at most `limit` at a time; they start in order, results keep it. After a
 * failure nothing more is started, and nothing is still going on when it is thrown.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(item);
      } catch (failure) {
        failures.push(failure);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}

/** How many requests go to one API server at a time: enough to hide latency, well below what it starts to queue at. */
export const API_CONCURRENCY = 8;
