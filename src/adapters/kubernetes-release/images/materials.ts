import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { FairwayError } from '../../../domain/errors.ts';
import type { BinaryName } from '../binary.ts';
import { goVersion } from '../build-binary.ts';
import { type FindOptions, findBinary } from '../find-binary.ts';
import { fetchOsPackages, unpackOsPackages } from '../os-packages.ts';
import { versions } from '../versions.ts';

/** Which of the fetched packages go into a layer. */
type Extent = 'these alone' | 'with all they need' | 'beside the tools';

/** What layers are made from. */
export interface Materials {
  binary(name: BinaryName): Promise<string>;
  /** File of the Kubernetes source tree, e.g. `test/images/agnhost/porter/localhost.crt`. */
  upstream(path: string): string;
  packages: { tools: string[]; unpack(names: string[], extent: Extent, root: string): Promise<void> };
  /** Links every busybox command that the root lacks to its /bin/busybox. */
  link(root: string): Promise<void>;
  /** Builds one Go file into a static program. */
  buildGo(source: string, target: string): Promise<void>;
}

const tools = [
  'base-files',
  'bash',
  'busybox-static',
  'curl',
  'bind9-dnsutils',
  'iproute2',
  'libc-bin',
  'iperf',
  'netcat-openbsd',
];
const notInImages = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'usr/share/lintian'];
const moduleFolder = z.object({ Dir: z.string() });

/** Finds or makes all materials; `work` is a folder for what is fetched on the way. */
export async function gatherMaterials(work: string, options: FindOptions): Promise<Materials> {
  const { signal } = options;
  if ((await goVersion()) === undefined) {
    throw new FairwayError(
      'unavailable',
      'there is no Go toolchain to build agnhost with; install Go (https://go.dev/dl)',
    );
  }
  const source = await execa('go', ['mod', 'download', '-json', `k8s.io/kubernetes@v${versions.kubernetes}`], {
    cancelSignal: signal,
  });
  const kubernetes = moduleFolder.parse(JSON.parse(source.stdout)).Dir;
  const fetched = (names: string[]) => fetchOsPackages(names, join(work, names.join('+')), 'nothing', options);

  return {
    binary: (name) => findBinary(name, options),
    upstream: (path) => join(kubernetes, path),
    packages: {
      tools,
      async unpack(names, extent, root) {
        const debs = await fetched(extent === 'beside the tools' ? [...tools, ...names] : names);
        const base = extent === 'beside the tools' ? (await fetched(tools)).map((deb) => basename(deb)) : [];
        const chosen = debs.filter((deb) =>
          extent === 'these alone'
            ? names.some((name) => basename(deb).startsWith(`${name}_`))
            : !base.includes(basename(deb)),
        );
        await unpackOsPackages(chosen, root, signal);
        for (const folder of notInImages) await rm(join(root, folder), { recursive: true, force: true });
      },
    },
    link: (root) => linkBusybox(root, signal),
    buildGo: (text, target) => buildGoFile(text, target, work, signal),
  };
}

async function linkBusybox(root: string, signal: AbortSignal): Promise<void> {
  const { stdout } = await execa(join(root, 'bin/busybox'), ['--list'], { cancelSignal: signal });
  const present = new Set<string>();
  for (const folder of ['bin', 'sbin', 'usr/bin', 'usr/sbin']) {
    for (const name of await readdir(join(root, folder)).catch(() => [])) present.add(name);
  }
  for (const name of stdout.split('\n')) {
    if (!present.has(name)) await symlink('busybox', join(root, 'bin', name));
  }
}

async function buildGoFile(source: string, target: string, work: string, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(work, 'go-'));
  await writeFile(join(folder, 'main.go'), source);
  await execa('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', target, 'main.go'], {
    cwd: folder,
    env: { CGO_ENABLED: '0', GOWORK: 'off', GO111MODULE: 'off' },
    cancelSignal: signal,
  });
}
