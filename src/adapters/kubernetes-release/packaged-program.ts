import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from './cache-folder.ts';
import { withMachineLock } from './machine-lock.ts';
import { fetchOsPackages, type PackageOptions, unpackOsPackages } from './os-packages.ts';

/** A program of the operating system that can be had without installing it. */
export interface PackagedProgram {
  /** Its name, which answers `--version`. */
  name: string;
  /** The OS packages that it lies in. */
  packages: readonly string[];
}

export interface FoundProgram {
  file: string;
  /** To be added to its environment: where its libraries are, when it was unpacked. */
  env: Record<string, string>;
}

/** The program from PATH, else unpacked from its OS package into the cache, without root. Throws FairwayError `unavailable`. */
export async function findPackagedProgram(
  program: PackagedProgram,
  options: PackageOptions & { env?: NodeJS.ProcessEnv },
): Promise<FoundProgram> {
  const { name } = program;
  const env = options.env ?? process.env;
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name);
    if (folder !== '' && (await executable(file))) return { file, env: {} };
  }
  const folder = join(cacheFolder(env), name);
  const root = join(folder, 'root');
  const file = join(root, 'usr/bin', name);
  if (!(await executable(file))) {
    const waiting = () => options.report(`another process is preparing ${name}; waiting for it`);
    await withMachineLock(join(folder, '.lock'), { signal: options.signal, waiting }, async () => {
      if (!(await executable(file))) await unpackInto(root, folder, program, options);
    });
  }
  return { file, env: await libraryPath(root) };
}

async function unpackInto(
  root: string,
  folder: string,
  { name, packages }: PackagedProgram,
  options: PackageOptions,
): Promise<void> {
  options.report(`unpacking ${name} from its OS package`);
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'part-'));
  try {
    const debs = await fetchOsPackages(packages, work, 'this system', options);
    const part = join(work, 'root');
    await mkdir(part);
    await unpackOsPackages(debs, part, options.signal);
    await execa(join(part, 'usr/bin', name), ['--version'], { env: await libraryPath(part) });
    await rename(part, root);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** `usr/lib/<architecture>-linux-gnu`, as Debian lays libraries out; nothing when the system already had them all. */
async function libraryPath(root: string): Promise<Record<string, string>> {
  const lib = join(root, 'usr/lib');
  const names = (await readdir(lib).catch(() => [])).filter((name) => name.endsWith('-linux-gnu'));
  if (names.length === 0) return {};
  return { LD_LIBRARY_PATH: names.map((name) => join(lib, name)).join(':') };
}

async function executable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
