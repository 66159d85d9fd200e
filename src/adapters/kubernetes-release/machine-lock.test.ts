import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { withMachineLock } from './machine-lock.ts';

const holder = `
import { withMachineLock } from ${JSON.stringify(import.meta.resolve('./machine-lock.ts'))};
const options = { signal: new AbortController().signal, waiting: () => {} };
await withMachineLock(process.argv[1], options, async () => {
  process.stdout.write('held');
  await new Promise((done) => setTimeout(done, 600_000));
});
`;

async function holdElsewhere(file: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', holder, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

t.test('a lock held by another process is waited for, and is free when that process is killed', async (t) => {
  const file = join(t.testdir(), 'locks', '.lock');
  await withMachineLock(
    file,
    { signal: AbortSignal.timeout(60_000), waiting: () => t.fail('nobody holds it') },
    async () => {},
  );
  const child = await holdElsewhere(file);
  t.teardown(() => child.kill('SIGKILL'));
  let waited = 0;
  const waiting = () => {
    waited += 1;
    child.kill('SIGKILL');
  };
  const result = await withMachineLock(file, { signal: AbortSignal.timeout(60_000), waiting }, async () => 'ours');
  t.equal(result, 'ours');
  t.equal(waited, 1);
});

t.test('waiting ends with the signal', async (t) => {
  const file = join(t.testdir(), '.lock');
  const child = await holdElsewhere(file);
  t.teardown(() => child.kill('SIGKILL'));
  const controller = new AbortController();
  const waiting = () => controller.abort();
  await t.rejects(
    withMachineLock(file, { signal: controller.signal, waiting }, async () => t.fail('must not run')),
    { name: 'AbortError' },
  );
});
