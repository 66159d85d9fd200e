import { randomInt } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { messageOf } from '../../domain/errors.ts';
import type { Confinement, Sandbox, SandboxState } from '../../ports/sandbox.ts';
import { type FoundProgram, findPackagedProgram } from '../kubernetes-release/packaged-program.ts';
import { confinedArguments, type SandboxTools, type SandboxUser } from './confined-arguments.ts';
import { systemView } from './system-view.ts';

export interface SandboxOptions {
  /** Progress of what is made once per machine. */
  report(line: string): void;
  signal: AbortSignal;
  env?: NodeJS.ProcessEnv;
}

const probeMs = 30_000;

/** What this machine has of a sandbox, found out by running a program in one. */
export async function openSandbox(options: SandboxOptions): Promise<SandboxState> {
  if (process.platform !== 'linux') return missing(`a sandbox needs Linux, and this is ${process.platform}`);
  const [prlimit, setpriv] = await Promise.all(['prlimit', 'setpriv'].map(ofSystem));
  if (prlimit === undefined || setpriv === undefined)
    return missing('a sandbox needs prlimit and setpriv of util-linux in /usr/bin');
  const bubblewrap = await findBubblewrap(options);
  if ('why' in bubblewrap) return missing(bubblewrap.why);
  const { confine } = await sandboxOf(bubblewrap, { bwrap: bubblewrap.file, prlimit, setpriv });
  const why = await whyNot(confine, options.signal);
  return why === undefined ? { sandbox: 'here', confine } : missing(`bubblewrap can't make one here: ${why}`);
}

function missing(why: string): SandboxState {
  return { sandbox: 'missing', why };
}

async function findBubblewrap(options: SandboxOptions): Promise<FoundProgram | { why: string }> {
  try {
    return await findPackagedProgram({ name: 'bwrap', packages: ['bubblewrap'] }, options);
  } catch (error) {
    options.signal.throwIfAborted();
    return { why: `bubblewrap (bwrap) is not there: ${messageOf(error)}` };
  }
}

/** The system's own folders, which a sandbox shows; PATH may name others. */
async function ofSystem(name: string): Promise<string | undefined> {
  for (const folder of ['/usr/bin', '/bin']) {
    const file = join(folder, name);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

async function sandboxOf({ env }: FoundProgram, tools: SandboxTools): Promise<Sandbox> {
  const system = await systemView();
  return {
    async confine(command, confinement) {
      const user = sandboxUser();
      if (user.user === 'another') for (const folder of confinement.writable) await chown(folder, user.uid, user.uid);
      const args = confinedArguments(command, confinement, { tools, system, user });
      const enter = entering(confinement);
      const [file = '', ...rest] = [...enter, tools.bwrap, ...args];
      return { file, args: rest, env };
    },
  };
}

/** A network namespace is entered before, since none of the sandbox's privileges would allow it. */
function entering({ network }: Confinement): string[] {
  return network.network === 'namespace' ? ['nsenter', `--net=${network.file}`, '--'] : [];
}

// Users of this range are given out for a moment and have no account: no file on the machine is theirs.
const transient = { first: 61_184, last: 65_519 };

function sandboxUser(): SandboxUser {
  if (process.geteuid?.() !== 0) return { user: 'own' };
  return { user: 'another', uid: randomInt(transient.first, transient.last + 1) };
}

/** Undefined when a program can be run in the sandbox. */
async function whyNot(confine: Sandbox['confine'], signal: AbortSignal): Promise<string | undefined> {
  const { file, args, env } = await confine(['/bin/sh', '-c', 'exit 0'], {
    readable: [],
    writable: [],
    folder: '/usr',
    environment: {},
    network: { network: 'none' },
    limits: { memoryMiB: 512, processes: 64, fileMiB: 1 },
  });
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(probeMs)]);
  const probe = await execa(file, args, {
    env,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    cancelSignal: deadline,
  });
  signal.throwIfAborted();
  if (!probe.failed) return undefined;
  return probe.stderr?.trim().split('\n').at(-1) || probe.shortMessage || 'it said nothing';
}
