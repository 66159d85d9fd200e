import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { ensureOsPackages, fetchOsPackages, unpackOsPackages } from './os-packages.ts';

const signal = AbortSignal.timeout(150_000);
const silent = { report: () => {}, signal };
const apt = await access('/usr/bin/apt-get').then(
  () => true,
  () => false,
);

t.test('packages that are there need nothing', { skip: apt ? false : 'needs apt-get' }, async (t) => {
  await ensureOsPackages(['base-files', 'dpkg'], { report: (line) => t.fail(line), signal });
});

t.test('a package that cannot be had is named, with the reason', { skip: apt ? false : 'needs apt-get' }, async (t) => {
  const reason =
    process.getuid?.() === 0
      ? /^apt-get install fairway-no-such-package failed: .*Unable to locate package fairway-no-such-package$/
      : 'these OS packages are missing and only root may install them: sudo apt-get install fairway-no-such-package';
  await t.rejects(ensureOsPackages(['base-files', 'fairway-no-such-package'], silent), {
    name: 'FairwayError',
    kind: 'unavailable',
    message: reason,
  });
});

t.test(
  'elsewhere than on Debian the sentence names what is wanted',
  { skip: apt ? 'this is Debian' : false },
  async (t) => {
    await t.rejects(ensureOsPackages(['socat'], silent), {
      message: /^socat can be fetched on Debian and Ubuntu only; install/,
    });
  },
);

t.test(
  'a package and all it needs unpack into a root that runs by itself',
  {
    skip: apt ? false : 'needs apt-get',
  },
  async (t) => {
    const folder = t.testdir({ root: {} });
    const debs = await fetchOsPackages(['busybox-static', 'bash-static'], folder, 'nothing', silent);
    const names = debs.map((deb) => basename(deb).split('_')[0]);
    for (const name of ['bash-static', 'busybox-static', 'libc6']) t.ok(names.includes(name), name);
    await unpackOsPackages(debs, join(folder, 'root'), signal);
    const { stdout } = await execa(join(folder, 'root/bin/bash-static'), ['-c', 'env'], { env: { 'a.b-c': 'kept' } });
    t.match(stdout, /^a\.b-c=kept$/m, 'which Debian busybox would drop');
  },
);
