import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { FairwayError, messageOf } from '../domain/errors.ts';
import { type ByteString, bytesOfBuffer } from './template/byte-string.ts';

/** A file of a source: its bytes, or why it was not read. */
export type SourceFile = { path: string } & ({ bytes: ByteString } | { refused: string });

const maxFileBytes = 16 * 1024 * 1024;
const maxFiles = 20_000;
const maxSourceBytes = 256 * 1024 * 1024;

/** Reads below one folder only, wherever symlinks lead. Paths begin with `cluster/`. */
export class SourceReader {
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

  /** `within`: a folder that the directory must not lead out of. */
  static async open(
    { directory, within }: { directory: string; within?: string },
    signal: AbortSignal,
  ): Promise<SourceReader> {
    const root = await realpath(directory).catch((error: unknown) => {
      throw new FairwayError('missing', `${directory}: ${messageOf(error)}; name a folder with a config repository`);
    });
    if (!(await stat(root)).isDirectory()) {
      throw new FairwayError('refused', `${directory} is a file; name the folder of a config repository`);
    }
    if (within !== undefined && leadsOut(await realpath(within), root)) {
      throw new FairwayError(
        'refused',
        `${relative(within, directory)} is a symlink that leads out of the repository; put the folder itself there`,
      );
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

  async isFolder(path: string): Promise<boolean> {
    const found = await this.#resolve(path);
    return found.outcome === 'inside' && (await stat(found.path)).isDirectory();
  }

  /** All files below a folder, to any depth. */
  async tree(path: string): Promise<SourceFile[]> {
    const files: SourceFile[] = [];
    for (const entry of await this.list(path)) {
      const below = `${path}/${entry.name}`;
      if (entry.isDirectory()) files.push(...(await this.tree(below)));
      else files.push((await this.read(below)) ?? { path: below, refused: `${below} went away while it was read` });
    }
    return files;
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
      if (!leadsOut(this.#root, real)) return { outcome: 'inside', path: real };
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
    const nowhere = `${path} is a symlink that leads nowhere; put the file there, or remove the symlink`;
    const reason = isLink ? nowhere : `${path} can't be read: ${messageOf(error)}`;
    return { outcome: 'refused', reason };
  }
}

/** Where a path really is. */
type Resolved =
  | { readonly outcome: 'inside'; readonly path: string }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'absent' };

function leadsOut(root: string, real: string): boolean {
  const inside = relative(root, real);
  return inside === '..' || inside.startsWith(`..${sep}`);
}
