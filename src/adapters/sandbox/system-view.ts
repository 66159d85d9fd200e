import { lstat, readlink } from 'node:fs/promises';
import { hasCode } from '../clusters/error-code.ts';

/** The folders of a system's programs and libraries; `/nix` and `/gnu` are those of systems that have them nowhere else. */
const folders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/nix/store', '/gnu/store'];

/** Of `/etc` only what loading programs needs: no accounts, keys or addresses. */
const files = ['/etc/alternatives', '/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/ld.so.conf.d'];

/** The part of the file system that a sandbox shares with the machine, read-only, in bubblewrap's words. */
export interface SystemView {
  /** Where what is shown stands. */
  paths: readonly string[];
  arguments: readonly string[];
}

export async function systemView(): Promise<SystemView> {
  const paths = [...folders, ...files];
  return { paths, arguments: (await Promise.all(paths.map(show))).flat() };
}

async function show(path: string): Promise<string[]> {
  try {
    const entry = await lstat(path);
    return entry.isSymbolicLink() ? ['--symlink', await readlink(path), path] : ['--ro-bind', path, path];
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
