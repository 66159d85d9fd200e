import type { ChartRelease, ManifestTools, ToolFolder, ToolOutcome } from '../../ports/manifest-tools.ts';
import { findBinary } from '../kubernetes-release/find-binary.ts';
import { versions } from '../kubernetes-release/versions.ts';
import { KnownConfinement, type UnsandboxedTools } from './known-confinement.ts';
import { OutcomeCache } from './outcome-cache.ts';
import { runTool, type ToolLimits } from './run-tool.ts';

export interface ManifestToolsOptions {
  /** Progress of what is made once per machine. */
  report(line: string): void;
  /** What is done on a machine that has no sandbox. */
  unsandboxed: UnsandboxedTools;
  env?: NodeJS.ProcessEnv;
  limits?: ToolLimits;
}

const usual: ToolLimits = { milliseconds: 60_000, bytes: 32 * 1024 * 1024, memoryMiB: 2048 };

/**
 * kustomize and helm of the pinned versions, in a sandbox. The same input is given to a tool once, however many clusters have it.
 */
export function createManifestTools(options: ManifestToolsOptions): ManifestTools {
  const { report, env, limits = usual } = options;
  const known = new OutcomeCache();
  const confinement = new KnownConfinement(options);
  const find = (name: 'kustomize' | 'helm', signal: AbortSignal) =>
    findBinary(name, { report, signal, ...(env === undefined ? {} : { env }) });
  const run = async (
    name: 'kustomize' | 'helm',
    input: ToolFolder,
    question: readonly string[],
    call: { args: string[]; values: readonly string[]; signal: AbortSignal },
  ): Promise<ToolOutcome> => {
    const confined = await confinement.get(call.signal);
    if (confined.confinement === 'refused') return { outcome: 'refused', message: `${name} ${confined.why}` };
    return known.get([name, input.folder, ...question], input.files, async () => {
      const program = await find(name, call.signal);
      return runTool({ ...call, program, files: input.files, limits, confinement: confined });
    });
  };
  return {
    kustomize: (input, signal) => run('kustomize', input, [], { args: kustomizeArguments(input), values: [], signal }),
    helm(chart, release, signal) {
      const { name, namespace, values } = release;
      const args = helmArguments(chart, release);
      return run('helm', chart, [name, namespace, ...values], { args, values, signal });
    },
  };
}

function kustomizeArguments({ folder }: ToolFolder): string[] {
  return ['build', '--load-restrictor', 'LoadRestrictionsRootOnly', '--', folder];
}

/** Without a version told, helm renders for the Kubernetes it was built with. */
function helmArguments({ folder }: ToolFolder, { name, namespace, values }: ChartRelease): string[] {
  const files = values.flatMap((_, index) => ['--values', `../values/${index}.yaml`]);
  const flags = ['--namespace', namespace, '--include-crds', '--kube-version', versions.kubernetes, ...files];
  return ['template', ...flags, '--', name, `./${folder}`];
}
