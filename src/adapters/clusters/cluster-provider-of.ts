import { join } from 'node:path';
import { FairwayError } from '../../domain/errors.ts';
import type { ClusterProvider } from '../../ports/cluster-provider.ts';
import { clusterBinaries, controlPlaneBinaries } from '../kubernetes-release/binary.ts';
import { cacheFolder } from '../kubernetes-release/cache-folder.ts';
import { prepareRelease } from '../kubernetes-release/prepare-release.ts';
import { existingProvider } from './existing/existing-provider.ts';
import { kindProvider } from './kind/kind-provider.ts';
import { lookAtHost } from './local/host.ts';
import { localProvider } from './local/local-provider.ts';

export const providerKinds = ['local', 'kind', 'existing'] as const;

export interface ProviderOptions {
  /** Holds `clusters/` and, for the provider `existing`, `kubeconfigs/`. */
  stateDirectory: string;
  /** Hears what is fetched or built; once per machine. */
  report: (line: string) => void;
  /** Ends what `report` speaks of. */
  signal: AbortSignal;
}

/** The provider that a word in YAML or on the command line stands for. */
export function clusterProviderOf(kind: string, options: ProviderOptions): ClusterProvider {
  const { stateDirectory, report, signal } = options;
  switch (kind) {
    case 'local':
      return localProvider({
        stateDirectory,
        cacheDirectory: cacheFolder(),
        release: async (imageSet) => {
          const { realNodes } = (await lookAtHost()).powers;
          return realNodes
            ? prepareRelease({ imageSet, report, signal, binaries: clusterBinaries })
            : prepareRelease({ imageSet: 'none', report, signal, binaries: controlPlaneBinaries });
        },
      });
    case 'kind':
      return kindProvider({ stateDirectory });
    case 'existing':
      return existingProvider(join(stateDirectory, 'kubeconfigs'));
    default:
      throw new FairwayError(
        'refused',
        `${JSON.stringify(kind)} is no cluster provider; there are ${providerKinds.join(', ')}.`,
      );
  }
}
