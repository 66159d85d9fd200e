import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createArtifactFolder } from './adapters/artifacts/artifact-folder.ts';
import { clusterProviderOf, providerKinds } from './adapters/clusters/cluster-provider-of.ts';
import { noFacts } from './adapters/facts/no-facts.ts';
import { createGitMirror, type GitRemote } from './adapters/git/git-mirror.ts';
import { createKube } from './adapters/kubernetes/create-kube.ts';
import { prepareRelease } from './adapters/kubernetes-release/prepare-release.ts';
import { createManifestTools } from './adapters/manifest-tools/create-manifest-tools.ts';
import type { UnsandboxedTools } from './adapters/manifest-tools/known-confinement.ts';
import { RunSecrets } from './domain/secrets/discretion.ts';
import { GATES } from './gates/registry.ts';
import type { Forge } from './ports/forge.ts';
import type { Store } from './ports/store.ts';
import type { World } from './steps/world.ts';

export interface WorldOptions {
  stateDirectory: string;
  store: Store;
  /** Whether Kustomize and Helm may run where there is no sandbox. */
  unsandboxed: UnsandboxedTools;
  forge: Forge | undefined;
  remote(repository: string): GitRemote;
  /** Progress of what is made once per machine. */
  report(line: string): void;
  signal: AbortSignal;
}

/** Everything outside that steps work with, of the adapters that this machine can have. */
export async function assembleWorld({
  stateDirectory,
  store,
  unsandboxed,
  forge,
  remote,
  report,
  signal,
}: WorldOptions): Promise<World> {
  const providers = providerKinds.map((kind) => clusterProviderOf(kind, { stateDirectory, report, signal }));
  return {
    git: createGitMirror({ directory: join(stateDirectory, 'git'), remote }),
    kube: createKube(),
    gates: GATES,
    registry: store.clusters,
    providers: new Map(providers.map((provider) => [provider.kind, provider])),
    facts: (cluster) => noFacts(cluster.id),
    forge,
    manifestTools: createManifestTools({ report, unsandboxed }),
    secrets: new RunSecrets(),
    artifacts: createArtifactFolder(join(stateDirectory, 'artifacts')),
    audit: store.audit,
    conformanceTools: {
      async prepare(say, stepSignal) {
        const release = await prepareRelease({
          imageSet: 'none',
          binaries: ['e2e.test', 'ginkgo', 'kubectl'],
          report: say,
          signal: stepSignal,
        });
        return {
          e2eTest: release.binary('e2e.test'),
          ginkgo: release.binary('ginkgo'),
          kubectl: release.binary('kubectl'),
        };
      },
    },
    async workFolders() {
      return readdir(join(stateDirectory, 'work')).catch(() => []);
    },
    async workFolder(runId) {
      const folder = join(stateDirectory, 'work', runId);
      await mkdir(folder, { recursive: true });
      return folder;
    },
  };
}
