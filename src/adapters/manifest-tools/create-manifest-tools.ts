import type { ChartRelease, ManifestTools, ToolFolder } from '../../ports/manifest-tools.ts';
import { findBinary } from '../kubernetes-release/find-binary.ts';
import { versions } from '../kubernetes-release/versions.ts';
import { OutcomeCache } from './outcome-cache.ts';
import { runTool, type ToolLimits } from './run-tool.ts';

export interface ManifestToolsOptions {
  /** Progress of what is made once per machine. */
  report(line: string): void;
  env?: NodeJS.ProcessEnv;
  limits?: ToolLimits;
}

const usual: ToolLimits = { milliseconds: 60_000, bytes: 32 * 1024 * 1024, memoryMiB: 2048 };

/** kustomize and helm of the pinned versions. The same input is given to a tool once, however many clusters have it. */
export function createManifestTools({ report, env, limits = usual }: ManifestToolsOptions): ManifestTools {
  const known = new OutcomeCache();
  const find = (name: 'kustomize' | 'helm', signal: AbortSignal) =>
    findBinary(name, { report, signal, ...(env === undefined ? {} : { env }) });
  return {
    kustomize(input, signal) {
      return known.get(['kustomize', input.folder], input.files, async () => {
        const program = await find('kustomize', signal);
        return runTool({ program, args: kustomizeArguments(input), files: input.files, values: [], limits, signal });
      });
    },
    helm(chart, release, signal) {
      const { name, namespace, values } = release;
      return known.get(['helm', chart.folder, name, namespace, ...values], chart.files, async () => {
        const program = await find('helm', signal);
        return runTool({ program, args: helmArguments(chart, release), files: chart.files, values, limits, signal });
      });
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
