import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { imageSets } from './image-recipe.ts';
import { layers } from './layers.ts';
import { writeOciArchive } from './oci-archive.ts';

const signal = AbortSignal.timeout(60_000);

/** Blobs of an unpacked archive, each checked against the digest that names it. */
function blobReader(folder: string, test: { equal(found: unknown, wanted: unknown): unknown }) {
  return async ({ digest, size }: { digest: string; size: number }) => {
    const bytes = await readFile(join(folder, 'blobs', ...digest.split(':')));
    test.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest);
    test.equal(bytes.length, size);
    return bytes;
  };
}

t.test('an archive names its images, shares layers, and every digest holds', async (t) => {
  const folder = t.testdir({ base: {}, extra: {}, work: {}, out: {} });
  await writeFile(join(folder, 'base', 'program'), 'x');
  await chmod(join(folder, 'base', 'program'), 0o4755);
  await symlink('program', join(folder, 'base', 'link'));
  await mkdir(join(folder, 'extra', 'tmp'));
  await chmod(join(folder, 'extra', 'tmp'), 0o1777);
  const images = [
    { name: 'example.org/one:1', layers: ['busybox' as const], config: { Cmd: ['sh'], User: '1234' } },
    {
      name: 'example.org/two:2',
      layers: ['busybox' as const, 'agnhost' as const],
      config: { Entrypoint: ['/program'] },
    },
  ];
  const roots = new Map([
    ['busybox' as const, join(folder, 'base')],
    ['agnhost' as const, join(folder, 'extra')],
  ]);
  const target = join(folder, 'images.tar');
  await writeOciArchive(images, roots, { work: join(folder, 'work'), target, signal });

  const out = join(folder, 'out');
  await execa('tar', ['-xf', target, '-C', out]);
  const blob = blobReader(out, t);
  const index = JSON.parse(await readFile(join(out, 'index.json'), 'utf8'));
  const [one, two] = index.manifests;
  t.equal(one.annotations['io.containerd.image.name'], 'example.org/one:1');
  t.equal(two.annotations['io.containerd.image.name'], 'example.org/two:2');

  const first = JSON.parse((await blob(one)).toString());
  const second = JSON.parse((await blob(two)).toString());
  t.same(first.layers[0], second.layers[0], 'the shared layer stands once');
  const config = JSON.parse((await blob(second.config)).toString());
  t.match(config.config, { Entrypoint: ['/program'], WorkingDir: '/' });
  t.same(
    config.rootfs.diff_ids,
    second.layers.map((layer: { digest: string }) => layer.digest),
  );

  const [base] = first.layers;
  await blob(base);
  const { stdout } = await execa('tar', ['-tvf', join(out, 'blobs', ...base.digest.split(':')), '--numeric-owner']);
  t.match(stdout, /^-rwsr-xr-x 0\/0 .* \.\/program$/m, 'mode kept, owned by root');
  t.match(stdout, /\.\/link -> program$/m);
});

t.test('the light set is part of the full set, no name stands twice, and every layer is known', async (t) => {
  const names = imageSets.full.map((image) => image.name);
  t.equal(new Set(names).size, names.length);
  for (const image of imageSets.light) t.ok(names.includes(image.name), image.name);
  for (const image of imageSets.full) for (const layer of image.layers) t.ok(layer in layers, layer);
});
