import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { FairwayError } from '../../domain/errors.ts';
import type { ToolOutcome } from '../../ports/manifest-tools.ts';
import type { ConfinedCommand, Sandbox } from '../../ports/sandbox.ts';

export interface ToolLimits {
  milliseconds: number;
  /** Of output. */
  bytes: number;
  /** Of address space, where the system can bound it. */
  memoryMiB: number;
}

export interface ToolCall {
  program: string;
  /** Seen from the folder that holds the files; `values` lie in `../values/0.yaml` and so on. */
  args: readonly string[];
  files: ReadonlyMap<string, Uint8Array>;
  values: readonly string[];
  limits: ToolLimits;
  confinement: ToolConfinement;
  signal: AbortSignal;
}

/** How a tool is kept from the rest of the machine. */
export type ToolConfinement =
  | { confinement: 'sandbox'; confine: Sandbox['confine'] }
  /** Not at all: an administrator has allowed it. */
  | { confinement: 'none' };

const maxWords = 4_000;
// Go has some threads for each processor.
const processes = 512;
const fileMiB = 64;

/** Runs a program over copies of the files, in a folder of its own that goes when it ends. */
export async function runTool(call: ToolCall): Promise<ToolOutcome> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'fairway-manifests-')));
  try {
    await writeAll(join(folder, 'files'), call.files);
    const values = call.values.map((text, index) => [`${index}.yaml`, Buffer.from(text)] as const);
    await writeAll(join(folder, 'values'), new Map(values));
    await mkdir(join(folder, 'home'));
    // A sandbox may run them as another user, and ours may have a umask that keeps others away.
    await execa('chmod', ['-R', 'a+rX', join(folder, 'files'), join(folder, 'values')]);
    return await run(folder, call);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeAll(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(folder);
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

async function run(folder: string, call: ToolCall): Promise<ToolOutcome> {
  const { limits, signal } = call;
  const name = basename(call.program);
  const { file, args, env } = await commandOf(folder, call);
  const result = await execa(file, args, {
    cwd: join(folder, 'files'),
    env,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: false,
    timeout: limits.milliseconds,
    maxBuffer: limits.bytes,
    cancelSignal: signal,
    killSignal: 'SIGKILL',
  });
  signal.throwIfAborted();
  const refused = (message: string): ToolOutcome => ({ outcome: 'refused', message });
  if (!result.failed) return { outcome: 'rendered', text: result.stdout };
  if (result.timedOut) return refused(`${name} did not end within ${limits.milliseconds / 1000} s`);
  if (result.isMaxBuffer) return refused(`${name} wrote more than ${limits.bytes} bytes`);
  if (/^(fatal error: |runtime: ).*(out of memory|cannot allocate)/m.test(result.stderr))
    return refused(`${name} needed more than ${limits.memoryMiB} MiB of memory`);
  const words = wordsOf(result.stderr, folder);
  const signalled = result.signal ?? signalOf(result.exitCode);
  if (signalled !== undefined) throw new FairwayError('unavailable', `${name} was ended from outside: ${signalled}`);
  if (result.exitCode === undefined || notStarted.includes(result.exitCode))
    throw new FairwayError('unavailable', `${name} can't be started: ${words || result.shortMessage}`);
  return refused(words || `${name} ended with exit code ${result.exitCode} and said nothing`);
}

/** Exit codes of whoever was to start the tool: a shell and util-linux agree on them. */
const notStarted = [126, 127];

/** Who runs a program for another tells by an exit code above 128 that a signal has ended it. */
function signalOf(exitCode: number | undefined): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => exitCode === 128 + number)?.[0];
}

async function commandOf(folder: string, { program, args, limits, confinement }: ToolCall): Promise<ConfinedCommand> {
  const home = join(folder, 'home');
  if (confinement.confinement === 'none') {
    // A few aliases of aliases, or a loop in a chart, would take all memory long before the time is up.
    const bounded = `ulimit -v ${limits.memoryMiB * 1024} 2>/dev/null; exec "$0" "$@"`;
    return { file: '/bin/sh', args: ['-c', bounded, program, ...args], env: environment(home) };
  }
  const own = await realpath(program);
  return confinement.confine([own, ...args], {
    readable: [own, join(folder, 'files'), join(folder, 'values')],
    writable: [home],
    folder: join(folder, 'files'),
    environment: environment(home),
    network: { network: 'none' },
    limits: { memoryMiB: limits.memoryMiB, processes, fileMiB },
  });
}

/**
 * Nothing of ours: no credentials, no kubeconfig, no plug-ins. The tools have no switch against fetching, so there is no git to
 * fetch with, and a proxy that isn't there.
 */
function environment(home: string): Record<string, string> {
  const nowhere = 'http://127.0.0.1:1';
  return {
    HOME: home,
    TMPDIR: home,
    PATH: '',
    KUBECONFIG: '/dev/null',
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
  };
}

/** Paths as they are in the repository, and without what only someone who runs the tool by hand could do. */
function wordsOf(stderr: string, folder: string): string {
  return stderr
    .replaceAll(`${join(folder, 'files')}/`, '')
    .replace(/^Error: /m, '')
    .replace(/\s*Use --debug flag to render out invalid YAML\s*$/, '')
    .trim()
    .slice(0, maxWords);
}
