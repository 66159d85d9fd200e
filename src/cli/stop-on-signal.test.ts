import { on } from 'node:events';
import { execa } from 'execa';
import t from 'tap';

/** A program that says `up`, and stops as `stop` does. */
function start(stop: string) {
  const program = `import { stopOnSignal } from '${new URL('./stop-on-signal.ts', import.meta.url)}';
    const say = (line) => process.stdout.write(line + '\\n');
    setInterval(() => {}, 1000);
    stopOnSignal(${stop}, say);
    say('up');`;
  return execa(process.execPath, ['--input-type=module', '-e', program], { reject: false });
}

async function heard(child: ReturnType<typeof start>, text: string): Promise<void> {
  let told = '';
  for await (const [chunk] of on(child.stdout, 'data', { signal: AbortSignal.timeout(60_000) })) {
    told += chunk;
    if (told.includes(text)) return;
  }
}

t.test('one signal stops in order', async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const child = start("async () => say('all put away')");
    await heard(child, 'up');
    child.kill(signal);
    const { stdout, exitCode } = await child;
    t.equal(exitCode, 0);
    t.equal(stdout, 'up\nstopping; press Ctrl-C again to leave at once\nall put away');
  }
});

t.test('a second one leaves at once', async (t) => {
  const child = start('() => new Promise(() => {})');
  await heard(child, 'up');
  child.kill('SIGINT');
  await heard(child, 'stopping');
  child.kill('SIGINT');
  const { stdout, exitCode } = await child;
  t.equal(exitCode, 130);
  t.match(stdout, 'leaving at once; what was being done is taken up again by the next start');
});

t.test('a stop that fails says why', async (t) => {
  const child = start("async () => { throw new Error('the disk is full') }");
  await heard(child, 'up');
  child.kill('SIGTERM');
  const { stdout, exitCode } = await child;
  t.equal(exitCode, 3);
  t.match(stdout, 'stopping failed: the disk is full');
});
