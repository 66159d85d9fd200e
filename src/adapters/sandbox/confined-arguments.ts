import { dirname } from 'node:path';
import type { Confinement } from '../../ports/sandbox.ts';
import type { SystemView } from './system-view.ts';

/** Programs that put a confined one in its place; they lie in the system's folders, so that the sandbox has them as well. */
export interface SandboxTools {
  bwrap: string;
  prlimit: string;
  setpriv: string;
}

/** Whom the program runs as: `own` needs no privilege, `another` needs root. */
export type SandboxUser = { user: 'own' } | { user: 'another'; uid: number };

/** The command line of bubblewrap for a program that is confined so. */
export function confinedArguments(
  command: readonly string[],
  confinement: Confinement,
  { tools, system, user }: { tools: SandboxTools; system: SystemView; user: SandboxUser },
): string[] {
  return [
    ...namespaces(user, confinement),
    ...passable(system.paths),
    ...system.arguments,
    ...['--dev', '/dev', '--proc', '/proc'],
    ...mounts(confinement),
    // They are kept in memory, and would take all of it.
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
    ...environment(confinement),
    ...['--chdir', confinement.folder, '--'],
    ...(user.user === 'own' ? [] : asAnother(tools.setpriv, user.uid)),
    ...within(tools.prlimit, confinement),
    ...command,
  ];
}

/** A controlling terminal would take keystrokes from within; with `--die-with-parent` nothing outlives who started it. */
function namespaces({ user }: SandboxUser, { network }: Confinement): string[] {
  const always = ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'];
  return [
    ...always,
    ...(user === 'own' ? ['--unshare-user'] : ['--cap-drop', 'ALL', ...switchingUsers]),
    ...(network.network === 'none' ? ['--unshare-net'] : []),
    '--die-with-parent',
    '--new-session',
  ];
}

const switchingUsers = ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP'].flatMap((name) => ['--cap-add', name]);

function mounts({ readable, writable }: Confinement): string[] {
  return [
    ...passable([...readable, ...writable]),
    ...readable.flatMap((path) => ['--ro-bind', path, path]),
    ...writable.flatMap((path) => ['--bind', path, path]),
  ];
}

/** bubblewrap makes the folders on the way to a mount for its own user alone. */
function passable(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) for (let at = dirname(path); at !== dirname(at); at = dirname(at)) folders.add(at);
  return [...folders].sort().flatMap((folder) => ['--perms', '0755', '--dir', folder]);
}

function environment({ environment }: Confinement): string[] {
  return ['--clearenv', ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value])];
}

function asAnother(setpriv: string, uid: number): string[] {
  const nobody = ['--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups'];
  return [setpriv, ...nobody, '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', '--'];
}

function within(prlimit: string, { limits }: Confinement): string[] {
  const { memoryMiB, processes, fileMiB } = limits;
  const bytes = [`--data=${memoryMiB * 1024 * 1024}`, `--fsize=${fileMiB * 1024 * 1024}`];
  return [prlimit, ...bytes, `--nproc=${processes}`, '--core=0', '--'];
}
