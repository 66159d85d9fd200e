import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { type LoadedSource, loadSource } from './source-folder.ts';

type Test = { teardown(action: () => unknown): void };

async function folder(t: Test, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-source-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

function load(directory: string): Promise<LoadedSource> {
  return loadSource({ name: 'main', directory }, AbortSignal.timeout(60_000));
}

function refusals({ files }: LoadedSource): string[] {
  return [...files.values()].flatMap((file) => ('refused' in file ? [file.refused] : []));
}

t.test('what is no regular file is refused, and never waited for', async (t) => {
  const directory = await folder(t, { 'cluster/manifests/a/good.yaml': 'a', 'cluster/config-defaults.yaml/x': '' });
  execFileSync('mkfifo', [join(directory, 'cluster/manifests/a/pipe.yaml')]);
  execFileSync('mkfifo', [join(directory, 'cluster/cluster.yaml')]);
  await symlink('.', join(directory, 'cluster/manifests/a/folder.yaml'));
  const source = await load(directory);
  t.same(refusals(source), [
    'cluster/config-defaults.yaml is no regular file; put a file there',
    'cluster/cluster.yaml is no regular file; put a file there',
    'cluster/manifests/a/folder.yaml is no regular file; put a file there',
    'cluster/manifests/a/pipe.yaml is no regular file; put a file there',
  ]);
  t.ok('bytes' in (source.files.get('cluster/manifests/a/good.yaml') ?? {}));
});

t.test('a device is refused', async (t) => {
  const directory = await folder(t, { 'cluster/manifests/a/good.yaml': 'a' });
  try {
    execFileSync('mknod', [join(directory, 'cluster/manifests/a/zero.yaml'), 'c', '1', '5'], { stdio: 'ignore' });
  } catch {
    t.comment('only root may make devices: not tested');
    return;
  }
  t.same(refusals(await load(directory)), ['cluster/manifests/a/zero.yaml is no regular file; put a file there']);
});

t.test('symlinks are followed inside only: chains, loops, and those that lead nowhere or out', async (t) => {
  const outside = await folder(t, { 'secret.yaml': 'top secret', 'profile/stack.yaml': 'top secret' });
  const directory = await folder(t, { 'cluster/shared/one.yaml': 'one', 'cluster/node-pools/w/stack.yaml': 'x' });
  const manifests = join(directory, 'cluster/manifests/a');
  await mkdir(manifests, { recursive: true });
  await symlink('../../shared/one.yaml', join(manifests, 'link.yaml'));
  await symlink('link.yaml', join(manifests, 'chain.yaml'));
  await symlink('loop2.yaml', join(manifests, 'loop1.yaml'));
  await symlink('loop1.yaml', join(manifests, 'loop2.yaml'));
  await symlink('gone.yaml', join(manifests, 'nowhere.yaml'));
  await symlink(join(outside, 'secret.yaml'), join(manifests, 'out.yaml'));
  await symlink('out.yaml', join(manifests, 'outchain.yaml'));
  await symlink('../../../../../../../../../../etc/hostname', join(manifests, 'up.yaml'));
  await symlink(join(outside, 'profile'), join(directory, 'cluster/node-pools/out'));
  await symlink('self', join(directory, 'cluster/node-pools/self'));
  const source = await load(directory);
  const name = (path: string) => path.split('/').at(-1);
  t.same(
    [...source.files.values()].flatMap((file) => ('bytes' in file ? [[name(file.path), file.bytes]] : [])),
    [
      ['chain.yaml', 'one'],
      ['link.yaml', 'one'],
      ['stack.yaml', 'x'],
    ],
  );
  const reasons = refusals(source);
  for (const link of ['loop1', 'loop2', 'nowhere']) {
    t.ok(reasons.includes(`cluster/manifests/a/${link}.yaml is a symlink that leads nowhere`), link);
  }
  for (const link of ['manifests/a/out', 'manifests/a/outchain', 'manifests/a/up', 'node-pools/out/stack']) {
    const reason = `cluster/${link}.yaml is a symlink that leads out of the repository; put what it leads to inside`;
    t.ok(reasons.includes(reason), link);
  }
  t.match(reasons.join('\n'), /cluster\/node-pools\/self\/stack\.yaml can't be read: ELOOP/);
  t.notMatch(JSON.stringify([...source.files]), /top secret/);
});

t.test('a folder that leads out or is a file is refused, not taken for an empty one', async (t) => {
  for (const name of ['manifests', 'cf-manifests', 'node-pools']) {
    const outside = await folder(t, { 'a/x.yaml': 'top secret' });
    const linked = await folder(t, { 'cluster/cluster.yaml': 'a' });
    await symlink(outside, join(linked, 'cluster', name));
    await t.rejects(load(linked), {
      message: `cluster/${name} is a symlink that leads out of the repository; put what it leads to inside`,
    });
    const dangling = await folder(t, { 'cluster/cluster.yaml': 'a' });
    await symlink('gone', join(dangling, 'cluster', name));
    await t.rejects(load(dangling), { message: `cluster/${name} is a symlink that leads nowhere` });
    const file = await folder(t, { 'cluster/cluster.yaml': 'a', [`cluster/${name}`]: 'x' });
    await t.rejects(load(file), { message: `cluster/${name} is a file; a folder belongs there` });
  }
});

t.test('a file of 20 MB is refused with its size and the limit', async (t) => {
  const directory = await folder(t, { 'cluster/manifests/a/big.yaml': Buffer.alloc(20_000_000, 'a') });
  const reason = 'cluster/manifests/a/big.yaml has 20000000 bytes; a file may have at most 16777216';
  t.same(refusals(await load(directory)), [reason]);
});

t.test('files that are too large together are refused', async (t) => {
  const big = Buffer.alloc(16 * 1024 * 1024, 'a');
  const directory = await folder(t, { 'cluster/manifests/a/0.yaml': big });
  for (let i = 1; i <= 16; i++) await symlink('0.yaml', join(directory, `cluster/manifests/a/${i}.yaml`));
  await t.rejects(load(directory), { message: /has more than 268435456 bytes to read; is it a config repository\?$/ });
});

t.test('100,000 files are refused before any is read', async (t) => {
  const directory = await folder(t, { 'cluster/manifests/a/0.yaml': 'a' });
  const names = Array.from({ length: 100_000 }, (_, index) => `${index}.yaml`);
  execFileSync('xargs', ['touch'], { cwd: join(directory, 'cluster/manifests/a'), input: names.join('\n') });
  await t.rejects(load(directory), { message: /has more than 20000 files to read; is it a config repository\?$/ });
});

t.test('a file whose name is no UTF-8 is refused, not left out', async (t) => {
  const directory = await folder(t, { 'cluster/manifests/a/good.yaml': 'a' });
  await writeFile(
    Buffer.concat([Buffer.from(`${directory}/cluster/manifests/a/`), Buffer.from([0xff]), Buffer.from('.yaml')]),
    'a',
  );
  t.match(refusals(await load(directory))[0], /can't be read: its name is no UTF-8, or it has just been removed$/);
});
