import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { FairwayError, messageOf } from '../domain/errors.ts';
import { type ByteString, bytesOfBuffer } from './template/byte-string.ts';

/** A folder with a config repository: `cluster/…` in it, or the content of `cluster/` itself. */
export interface Source {
  /** Begins the templates' names, e.g. `main`. */
  name: string;
  directory: string;
  /** The commit, for the version; none for a plain folder. */
  revision?: string;
}

/** A file of a source: its bytes, or why it was not read. */
export type SourceFile = { path: string } & ({ bytes: ByteString } | { refused: string });

export interface ComponentFolder {
  name: string;
  files: SourceFile[];
}

/** The files of a source that a render reads, all in memory. Paths begin with `cluster/`. */
export interface LoadedSource {
  name: string;
  revision: string | undefined;
  files: ReadonlyMap<string, SourceFile>;
  components: ComponentFolder[];
  cfManifests: SourceFile[];
  profiles: ReadonlySet<string>;
}

const maxFileBytes = 16 * 1024 * 1024;
const maxFiles = 20_000;
const maxSourceBytes = 256 * 1024 * 1024;

/**
 * Reads a source. Nothing outside of its directory is read: a symlink that leads out makes its file refused. Throws a
 * FairwayError when there is no such directory or it has too many files.
 */
export async function loadSource(source: Source, signal: AbortSignal): Promise<LoadedSource> {
  const reader = await SourceReader.open(source.directory, signal);
  const files = new Map<string, SourceFile>();
  async function add(path: string): Promise<SourceFile | undefined> {
    const file = await reader.read(path);
    if (file !== undefined) files.set(path, file);
    return file;
  }
  async function addAll(folder: string, names: readonly string[]): Promise<SourceFile[]> {
    const found: SourceFile[] = [];
    for (const name of names) {
      const file = await add(`${folder}/${name}`);
      if (file !== undefined) found.push(file);
    }
    return found;
  }
  async function addListed(folder: string): Promise<SourceFile[]> {
    const names = yamlNames(await reader.list(folder)).filter((name) => name !== 'cf-deletions.yaml');
    const found = await addAll(folder, names);
    if (found.length === names.length) return found;
    const unread = names.filter((name) => !found.some((file) => file.path === `${folder}/${name}`));
    const refused = unread.map((name) => {
      const path = `${folder}/${name}`;
      return { path, refused: `${path} can't be read: its name is no UTF-8, or it has just been removed` };
    });
    for (const file of refused) files.set(file.path, file);
    return [...found, ...refused];
  }

  await addAll('cluster', ['config-defaults.yaml', 'cluster.yaml']);
  await addAll('cluster/etcd', ['files.yaml', 'stack.yaml']);
  await addAll('cluster/manifests', ['deletions.yaml']);
  await addAll('cluster/cf-manifests', ['cf-deletions.yaml']);
  const components: ComponentFolder[] = [];
  for (const entry of await reader.list('cluster/manifests')) {
    if (!entry.isDirectory()) continue;
    const folder = `cluster/manifests/${entry.name}`;
    components.push({ name: entry.name, files: await addListed(folder) });
  }
  const cfManifests = await addListed('cluster/cf-manifests');
  const profiles = (await reader.list('cluster/node-pools')).map((entry) => entry.name);
  for (const profile of profiles) {
    await addAll(`cluster/node-pools/${profile}`, ['files.yaml', 'userdata.yaml', 'stack.yaml', 'provisioners.yaml']);
  }
  return {
    name: source.name,
    revision: source.revision,
    files,
    components,
    cfManifests,
    profiles: new Set(profiles),
  };
}

function yamlNames(entries: readonly Dirent[]): string[] {
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => name.endsWith('.yaml') || name.endsWith('.yml'));
}

class SourceReader {
  readonly #root: string;
  /** Where `cluster/…` is: the root, or undefined if the root is what `cluster/` would be. */
  readonly #prefix: string;
  readonly #signal: AbortSignal;
  #count = 0;
  #bytes = 0;

  constructor(root: string, prefix: string, signal: AbortSignal) {
    this.#root = root;
    this.#prefix = prefix;
    this.#signal = signal;
  }

  static async open(directory: string, signal: AbortSignal): Promise<SourceReader> {
    const root = await realpath(directory).catch((error: unknown) => {
      throw new FairwayError('missing', `${directory}: ${messageOf(error)}; name a folder with a config repository`);
    });
    if (!(await stat(root)).isDirectory()) {
      throw new FairwayError('refused', `${directory} is a file; name the folder of a config repository`);
    }
    const cluster = await lstat(join(root, 'cluster')).catch(() => undefined);
    return new SourceReader(root, cluster === undefined ? 'cluster/' : '', signal);
  }

  /** A folder's entries by name, bytewise; none if there is no such folder. Throws a FairwayError if it can't be read. */
  async list(path: string): Promise<Dirent[]> {
    this.#signal.throwIfAborted();
    const found = await this.#resolve(path);
    if (found.outcome === 'absent') return [];
    if (found.outcome === 'refused') throw new FairwayError('refused', found.reason);
    if (!(await stat(found.path)).isDirectory()) {
      throw new FairwayError('refused', `${path} is a file; a folder belongs there`);
    }
    const entries = await readdir(found.path, { withFileTypes: true });
    this.#count += entries.length;
    if (this.#count > maxFiles) {
      throw new FairwayError(
        'refused',
        `${this.#root} has more than ${maxFiles} files to read; is it a config repository?`,
      );
    }
    return entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }

  /** Undefined if there is no such file. */
  async read(path: string): Promise<SourceFile | undefined> {
    this.#signal.throwIfAborted();
    const found = await this.#resolve(path);
    if (found.outcome === 'absent') return undefined;
    if (found.outcome === 'refused') return { path, refused: found.reason };
    try {
      return await this.#readRegular(path, found.path);
    } catch (error) {
      if (error instanceof FairwayError) throw error;
      return { path, refused: `${path} can't be read: ${messageOf(error)}` };
    }
  }

  async #readRegular(path: string, real: string): Promise<SourceFile> {
    // Without blocking: opening a pipe waits for who writes to it.
    const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { path, refused: `${path} is no regular file; put a file there` };
      if (stats.size > maxFileBytes) {
        return { path, refused: `${path} has ${stats.size} bytes; a file may have at most ${maxFileBytes}` };
      }
      this.#bytes += stats.size;
      if (this.#bytes > maxSourceBytes) {
        const limit = `${this.#root} has more than ${maxSourceBytes} bytes to read`;
        throw new FairwayError('refused', `${limit}; is it a config repository?`);
      }
      return { path, bytes: bytesOfBuffer(await file.readFile()) };
    } finally {
      await file.close();
    }
  }

  async #resolve(path: string): Promise<Resolved> {
    const wanted = join(this.#root, path.slice(this.#prefix.length));
    try {
      const real = await realpath(wanted);
      const inside = relative(this.#root, real);
      if (inside !== '..' && !inside.startsWith(`..${sep}`)) return { outcome: 'inside', path: real };
    } catch (error) {
      return await this.#unresolved(path, wanted, error);
    }
    const reason = `${path} is a symlink that leads out of the repository; put what it leads to inside`;
    return { outcome: 'refused', reason };
  }

  /** Nothing is there, unless it is a symlink that leads nowhere or a folder that may not be entered. */
  async #unresolved(path: string, wanted: string, error: unknown): Promise<Resolved> {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const isLink = await lstat(wanted).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    if (!isLink && (code === 'ENOENT' || code === 'ENOTDIR')) return { outcome: 'absent' };
    const reason = isLink ? `${path} is a symlink that leads nowhere` : `${path} can't be read: ${messageOf(error)}`;
    return { outcome: 'refused', reason };
  }
}

/** Where a path really is. */
type Resolved =
  | { readonly outcome: 'inside'; readonly path: string }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'absent' };
