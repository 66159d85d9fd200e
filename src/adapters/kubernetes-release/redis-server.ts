import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from './cache-folder.ts';
import { withMachineLock } from './machine-lock.ts';
import { fetchOsPackages, type PackageOptions, unpackOsPackages } from './os-packages.ts';

export interface RedisServer {
  /** The program's file. */
  file: string;
  /** To be added to its environment: where its libraries are, when it was unpacked. */
  env: Record<string, string>;
}

/**
 * redis-server from PATH, else unpacked from the OS package into the cache. It is never installed, since installing it would
 * start a service of the system's own.
 */
export async function findRedisServer(options: PackageOptions & { env?: NodeJS.ProcessEnv }): Promise<RedisServer> {
  const env = options.env ?? process.env;
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const file = join(folder, 'redis-server');
    if (folder !== '' && (await executable(file))) return { file, env: {} };
  }
  const folder = join(cacheFolder(env), 'redis');
  const root = join(folder, 'root');
  const server = join(root, 'usr/bin/redis-server');
  if (!(await executable(server))) {
    const waiting = () => options.report('another process is preparing redis-server; waiting for it');
    await withMachineLock(join(folder, '.lock'), { signal: options.signal, waiting }, async () => {
      if (!(await executable(server))) await unpackInto(root, folder, options);
    });
  }
  return { file: server, env: await libraryPath(root) };
}

async function unpackInto(root: string, folder: string, options: PackageOptions): Promise<void> {
  options.report('unpacking redis-server from its OS package');
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'part-'));
  try {
    const debs = await fetchOsPackages(['redis-server', 'redis-tools'], work, 'this system', options);
    const part = join(work, 'root');
    await mkdir(part);
    await unpackOsPackages(debs, part, options.signal);
    await execa(join(part, 'usr/bin/redis-server'), ['--version'], {
      env: await libraryPath(part),
    });
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
