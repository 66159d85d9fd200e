import { lookAtHost } from './adapters/clusters/local/host.ts';
import { clusterBinaries, conformanceBinaries, controlPlaneBinaries } from './adapters/kubernetes-release/binary.ts';
import { ensureOsPackages, nodePackages } from './adapters/kubernetes-release/os-packages.ts';
import { prepareRelease } from './adapters/kubernetes-release/prepare-release.ts';
import { findRedisServer } from './adapters/kubernetes-release/redis-server.ts';
import { openSandbox } from './adapters/sandbox/open-sandbox.ts';
import { FairwayError, messageOf } from './domain/errors.ts';

/** Finds or makes, once per machine, what the local provider, the queue and conformance need. What can't be had is said, one sentence each. */
export async function prepareMachine(report: (line: string) => void, signal: AbortSignal): Promise<void> {
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof FairwayError)) throw error;
      report(messageOf(error));
    }
  };
  if (process.platform === 'linux' && process.getuid?.() === 0)
    await attempt(() => ensureOsPackages(nodePackages, { report, signal }));
  await attempt(() => findRedisServer({ report, signal }));
  const sandbox = await openSandbox({ report, signal });
  if (sandbox.sandbox === 'missing') report(`Kustomize and Helm components have no sandbox here: ${sandbox.why}`);
  const { realNodes } = (await lookAtHost()).powers;
  await attempt(() =>
    realNodes
      ? prepareRelease({ imageSet: 'light', binaries: clusterBinaries, report, signal })
      : prepareRelease({
          imageSet: 'none',
          binaries: [...controlPlaneBinaries, ...conformanceBinaries],
          report,
          signal,
        }),
  );
}
