import { Command } from 'commander';
import { findBinaries } from '../adapters/kubernetes-release/find-binary.ts';
import { FairwayError, messageOf } from '../domain/errors.ts';
import { prepareMachine } from '../prepare-machine.ts';

/** `fairway prepare`: makes this machine ready for local clusters, Kustomize folders and Helm charts, once. */
export function prepareCommand(): Command {
  return new Command('prepare')
    .description('find, download or build what local clusters and rendering need: packages, programs, test images')
    .action(async () => {
      const report = (line: string): void => void process.stderr.write(`${line}\n`);
      const signal = AbortSignal.timeout(3_600_000);
      await prepareMachine(report, signal);
      try {
        await findBinaries(['kustomize', 'helm'], { report, signal });
      } catch (error) {
        if (!(error instanceof FairwayError)) throw error;
        report(messageOf(error));
      }
    });
}
