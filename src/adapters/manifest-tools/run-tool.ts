import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { FairwayError } from '../../domain/errors.ts';
import type { ToolOutcome } from '../../ports/manifest-tools.ts';

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
  signal: AbortSignal;
}

const maxWords = 4_000;

/** Runs a program over copies of the files, in a folder of its own that goes when it ends. */
export async function runTool(call: ToolCall): Promise<ToolOutcome> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'fairway-manifests-')));
  try {
    await writeAll(join(folder, 'files'), call.files);
    const values = call.values.map((text, index) => [`${index}.yaml`, Buffer.from(text)] as const);
    await writeAll(join(folder, 'values'), new Map(values));
    await mkdir(join(folder, 'home'));
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

async function run(folder: string, { program, args, limits, signal }: ToolCall): Promise<ToolOutcome> {
  const name = basename(program);
  // A few aliases of aliases, or a loop in a chart, would take all memory long before the time is up.
  const bounded = `ulimit -v ${limits.memoryMiB * 1024} 2>/dev/null; exec "$0" "$@"`;
  const result = await execa('/bin/sh', ['-c', bounded, program, ...args], {
    cwd: join(folder, 'files'),
    env: environment(join(folder, 'home')),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: false,
    timeout: limits.milliseconds,
    maxBuffer: limits.bytes,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  const refused = (message: string): ToolOutcome => ({ outcome: 'refused', message });
  if (!result.failed) return { outcome: 'rendered', text: result.stdout };
  if (result.timedOut) return refused(`${name} did not end within ${limits.milliseconds / 1000} s`);
  if (result.isMaxBuffer) return refused(`${name} wrote more than ${limits.bytes} bytes`);
  if (/^(fatal error: |runtime: ).*(out of memory|cannot allocate)/m.test(result.stderr))
    return refused(`${name} needed more than ${limits.memoryMiB} MiB of memory`);
  if (result.exitCode === undefined)
    throw new FairwayError('unavailable', `${name} was ended from outside: ${result.signal ?? result.shortMessage}`);
  return refused(wordsOf(result.stderr, folder) || `${name} ended with exit code ${result.exitCode} and said nothing`);
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
