import type { Dirent } from 'node:fs';
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { FairwayError, messageOf } from '../domain/errors.ts';
import { type ByteString, bytesOfBuffer } from './template/byte-string.ts';

/** A file of a source: its bytes, or why it was not read. */
export type SourceFile = { path: string } & ({ bytes: ByteString } | { refused: string });

const maxFileBytes = 16 * 1024 * 1024;
const maxFiles = 20_000;

/** Reads below one folder only, wherever symlinks lead. Paths begin with `cluster/`. */
export class SourceReader {
  readonly #root: string;
  /** Where `cluster/…` is: the root, or undefined if the root is what `cluster/` would be. */
  readonly #prefix: string;
  readonly #signal: AbortSignal;
  #count = 0;

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

  /** A folder's entries by name, bytewise; none if there is no such folder, or it is outside. */
  async list(path: string): Promise<Dirent[]> {
    this.#signal.throwIfAborted();
    const found = await this.#resolve(path);
    if (found.outcome !== 'inside' || !(await stat(found.path)).isDirectory()) return [];
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
    if (found.outcome === 'dangling') {
      return { path, refused: `${path} is a symlink that leads nowhere; put the file there, or remove the symlink` };
    }
    if (found.outcome === 'outside') {
      return { path, refused: `${path} is a symlink that leads out of the repository; put the file itself there` };
    }
    // To open a named pipe is to wait for whoever writes into it.
    if (!(await stat(found.path)).isFile()) return { path, refused: `${path} is no regular file; put a file there` };
    const file = await open(found.path, 'r');
    try {
      const stats = await file.stat();
      if (stats.size > maxFileBytes) {
        return { path, refused: `${path} has ${stats.size} bytes; a file may have at most ${maxFileBytes}` };
      }
      return { path, bytes: bytesOfBuffer(await file.readFile()) };
    } finally {
      await file.close();
    }
  }

  async #resolve(
    path: string,
  ): Promise<
    { outcome: 'inside'; path: string } | { outcome: 'outside' } | { outcome: 'absent' } | { outcome: 'dangling' }
  > {
    const wanted = join(this.#root, path.slice(this.#prefix.length));
    const real = await realpath(wanted).catch(() => undefined);
    if (real === undefined) {
      const link = await lstat(wanted).catch(() => undefined);
      return { outcome: link === undefined ? 'absent' : 'dangling' };
    }
    if (leadsOut(this.#root, real)) return { outcome: 'outside' };
    return { outcome: 'inside', path: real };
  }
}

function leadsOut(root: string, real: string): boolean {
  const inside = relative(root, real);
  return inside === '..' || inside.startsWith(`..${sep}`);
}
