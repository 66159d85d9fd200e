import { constants } from 'node:fs';
import { access, chmod, mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import { type Binary, type BinaryName, binaries } from './binary.ts';
import { buildBinary, goVersion } from './build-binary.ts';
import { cacheFolder } from './cache-folder.ts';
import { downloadBinary } from './download-binary.ts';
import { withMachineLock } from './machine-lock.ts';
import { type Origins, officialAsset, publicOrigins, thisPlatform } from './official-asset.ts';
import { versions } from './versions.ts';

export interface FindOptions {
  report: (line: string) => void;
  signal: AbortSignal;
  env?: NodeJS.ProcessEnv;
  origins?: Origins;
}

/**
 * The file of each program, first hit wins: the user's folders (KUBEBUILDER_ASSETS, PATH) in exactly the pinned version, the
 * cache, the official release, a build from Go modules. What cannot be had is one FairwayError that says what was tried.
 */
export async function findBinaries(
  names: readonly BinaryName[],
  options: FindOptions,
): Promise<Map<BinaryName, string>> {
  const found = new Map<BinaryName, string>();
  const unreachable = new Map<string, string>();
  for (const name of names) found.set(name, await find(name, unreachable, options));
  return found;
}

/** One program, as `findBinaries` finds it. */
export function findBinary(name: BinaryName, options: FindOptions): Promise<string> {
  return find(name, new Map(), options);
}

/** `unreachable`: origins that failed, with their sentence. */
async function find(name: BinaryName, unreachable: Map<string, string>, options: FindOptions): Promise<string> {
  const there = (await fromUser(name, options)) ?? (await fromCache(name, options));
  return there ?? make(name, unreachable, options);
}

async function fromUser(name: BinaryName, { env = process.env }: FindOptions): Promise<string | undefined> {
  const folders = [env.KUBEBUILDER_ASSETS, ...(env.PATH ?? '').split(delimiter)];
  for (const folder of folders) {
    if (!folder) continue;
    const file = join(folder, name);
    if ((await executable(file)) && (await isPinnedVersion(name, file))) return file;
  }
  return undefined;
}

async function isPinnedVersion(name: BinaryName, file: string): Promise<boolean> {
  const { version, product }: Binary = binaries[name];
  if (version === undefined) return false;
  const { all, failed } = await execa(file, version.args, { reject: false, timeout: 10_000, all: true });
  const expected = version.text.replace('VERSION', versions[product]);
  return !failed && all.split(/\s*\n/).some((line) => line === expected);
}

function cachedFile(name: BinaryName, env: NodeJS.ProcessEnv | undefined): string {
  const { product } = binaries[name];
  return join(cacheFolder(env), product, versions[product], name);
}

async function fromCache(name: BinaryName, { env }: FindOptions): Promise<string | undefined> {
  const file = cachedFile(name, env);
  return (await executable(file)) ? file : undefined;
}

async function make(name: BinaryName, unreachable: Map<string, string>, options: FindOptions): Promise<string> {
  const { report, signal, env } = options;
  const file = cachedFile(name, env);
  const waiting = () => report(`another process is preparing ${name}; waiting for it`);
  return withMachineLock(join(dirname(file), '.lock'), { signal, waiting }, async () => {
    if (await executable(file)) return file;
    await mkdir(dirname(file), { recursive: true });
    const part = `${file}.part`;
    try {
      const failure = await download(name, part, unreachable, options);
      if (failure !== undefined) await build(name, part, failure, options);
      await chmod(part, 0o755);
      await rename(part, file);
    } finally {
      await rm(part, { force: true });
    }
    return file;
  });
}

/** Undefined when it is there; else why not. An origin that failed once is not tried again for the next program. */
async function download(
  name: BinaryName,
  target: string,
  unreachable: Map<string, string>,
  { report, signal, origins = publicOrigins }: FindOptions,
): Promise<string | undefined> {
  const asset = officialAsset(name, thisPlatform(), origins);
  if (asset === undefined) return 'no official release of it is published';
  const { origin } = new URL(asset.url);
  const known = unreachable.get(origin);
  if (known !== undefined) return known;
  try {
    report(`fetching ${name} from ${asset.url}`);
    await downloadBinary(asset, target, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    unreachable.set(origin, messageOf(error));
    report(`${messageOf(error)}; building from Go modules instead`);
    return messageOf(error);
  }
}

async function build(name: BinaryName, target: string, whyNotFetched: string, options: FindOptions): Promise<void> {
  const { product } = binaries[name];
  const version = versions[product];
  const go = await goVersion();
  if (go === undefined) {
    throw new FairwayError(
      'unavailable',
      `${name} ${version} can't be had: ${whyNotFetched}, and there is no Go toolchain to build it. ` +
        `Install Go (https://go.dev/dl), or put ${name} ${version} into a folder and name that folder in KUBEBUILDER_ASSETS.`,
    );
  }
  const started = performance.now();
  options.report(`building ${name} ${version} with ${go} (once per machine; minutes at first)`);
  const modules = join(cacheFolder(options.env), 'go-modules');
  await buildBinary(name, { target, modules, signal: options.signal });
  options.report(`built ${name} in ${Math.round((performance.now() - started) / 1000)} s`);
}

async function executable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
