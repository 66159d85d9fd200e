import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { raiseInotifyLimits, restoreInotifyLimits } from './inotify-limits.ts';

async function machineWith(t: Test, instances: number, watches: number) {
  const limits = t.testdir({ max_user_instances: `${instances}\n`, max_user_watches: `${watches}\n` });
  const read = (name: string) => readFile(join(limits, name), 'utf8').then(Number);
  return {
    place: { limits, note: join(limits, 'note.json') },
    set: (name: string, value: number) => writeFile(join(limits, name), `${value}\n`),
    now: async () => [await read('max_user_instances'), await read('max_user_watches')],
  };
}

t.test('limits are raised while there are clusters, and put back as they were', async (t) => {
  const { place, now } = await machineWith(t, 128, 1_000_000);
  await raiseInotifyLimits(place);
  t.strictSame(await now(), [8192, 1_000_000], 'what is high enough stays');
  await raiseInotifyLimits(place);
  await restoreInotifyLimits(place);
  t.strictSame(await now(), [128, 1_000_000]);
  await restoreInotifyLimits(place);
  t.strictSame(await now(), [128, 1_000_000]);
});

t.test('what somebody else has set meanwhile stays', async (t) => {
  const { place, set, now } = await machineWith(t, 128, 8192);
  await raiseInotifyLimits(place);
  await set('max_user_instances', 20_000);
  await restoreInotifyLimits(place);
  t.strictSame(await now(), [20_000, 8192]);
});
