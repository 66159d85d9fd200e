import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { cacheFolder } from './adapters/kubernetes-release/cache-folder.ts';

t.setTimeout(15 * 60_000);

const root = fileURLToPath(new URL('..', import.meta.url));
/** Who owns nothing; the user whom every system has. */
const nobody = 65_534;
const isRoot = process.geteuid?.() === 0;

const place = await mkdtemp(join(tmpdir(), 'fairway-package-'));
t.teardown(() => rm(place, { recursive: true, force: true }));
const fairway = join(place, 'node_modules', '.bin', 'fairway');

t.before(async () => {
  await chmod(place, 0o755);
  const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', place], { cwd: root });
  const tarball = join(place, stdout.trim().split('\n').at(-1) ?? '');
  await execa('npm', ['install', '--prefix', place, '--no-audit', '--no-fund', '--ignore-scripts', tarball]);
});

t.test('the package holds the program as JavaScript, the pages, and the start of a config repository', async (t) => {
  const folder = join(place, 'node_modules', 'fairway');
  const names = await readdir(folder, { recursive: true });
  for (const name of ['bin/fairway.js', 'dist/main.js', 'dist/ui/index.html', 'schemas/channel.schema.json', 'LICENSE'])
    t.ok(names.includes(name), name);
  t.strictSame(
    names.filter((name) => /\.test\.js$|test-fixture|\/testing\/|\/fuzz\/|^src/.test(name)),
    [],
    'no tests',
  );
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  t.equal((await execa(fairway, ['--version'])).stdout, version);
  const config = join(place, 'config');
  await execa(fairway, ['init', config]);
  t.match((await execa(fairway, ['lint', config])).stdout, 'nothing wrong');
});

t.test('installed, it tells its story to an ordinary user, and what only nodes can show is left out', async (t) => {
  const home = join(place, 'home');
  await mkdir(home);
  // What the test runner adds would have every process write into this checkout.
  const own = Object.entries(process.env).filter(([name]) => !/^_?TAP|^NODE_OPTIONS$/.test(name));
  const environment = { ...Object.fromEntries(own), HOME: home, TMPDIR: home, ...(isRoot ? await ofNobody(home) : {}) };
  const who = isRoot ? { uid: nobody, gid: nobody } : {};
  const options = { ...who, cwd: home, env: environment, extendEnv: false, reject: false };
  const demo = await execa(fairway, ['demo', '--output', 'json'], options);
  t.equal(demo.exitCode, 0, String(demo.stderr).slice(-2_000));
  const result = JSON.parse(String(demo.stdout).trim().split('\n').at(-1) ?? '{}');
  whatItShowed(t, result);
  t.match(demo.stderr, /All of it held but for what was left out/);
  const { stdout: processes } = await execa('ps', ['-eo', 'args']);
  t.notOk(processes.includes(home), 'no process is left');
});

/** A home of its own with what is built once per machine, so that it need not be built again. */
async function ofNobody(home: string): Promise<{ XDG_CACHE_HOME: string }> {
  const cache = join(place, 'cache');
  await mkdir(join(cache, 'fairway'), { recursive: true });
  for (const part of await readdir(cacheFolder())) {
    if (!['kubernetes', 'etcd'].includes(part)) continue;
    const copy = ['--recursive', join(cacheFolder(), part), join(cache, 'fairway')];
    await execa('cp', ['--link', ...copy]).catch(() => execa('cp', ['--force', ...copy]));
  }
  const folders = (await readdir(cache, { recursive: true, withFileTypes: true })).filter((one) => one.isDirectory());
  for (const folder of folders) await chown(join(folder.parentPath, folder.name), nobody, nobody);
  await chown(cache, nobody, nobody);
  await chown(home, nobody, nobody);
  return { XDG_CACHE_HOME: cache };
}

function whatItShowed(t: Test, result: { [part: string]: unknown }): void {
  t.match(result, {
    pullRequests: [
      { number: 1, verdict: 'success' },
      { number: 2, verdict: 'failure', stage: 'upgrade', reason: /^LimitRange default\/limits .* was refused: / },
    ],
    channels: { dev: { converged: true }, alpha: { converged: true }, stable: { converged: true } },
    reusedEvidence: 2,
    leftovers: [],
  });
  const leftOut = String(result.leftOut);
  for (const sentence of [
    /^Nodes need /,
    /the change "A command that does not exist": only a pod can show what it does/,
    /the health of Deployment default\/sample-application.*: the cluster has no nodes/,
    /\d+ of 35 specs of the profile smoke: they need nodes, and the cluster has none/,
    /a rolling update fails no request of keep-alive connections: it needs pods/,
  ])
    t.match(leftOut, sentence);
}
