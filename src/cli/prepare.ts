import { Command } from 'commander';
import { findBinaries } from '../adapters/kubernetes-release/find-binary.ts';
import { FairwayError, messageOf } from '../domain/errors.ts';
import { prepareMachine } from '../prepare-machine.ts';
import { say } from './terminal.ts';

/** `fairway prepare`: makes this machine ready for local clusters, Kustomize folders and Helm charts, once. */
export function prepareCommand(): Command {
  return new Command('prepare')
    .description('find, download or build what local clusters and rendering need: packages, programs, test images')
    .action(async () => {
      const signal = AbortSignal.timeout(3_600_000);
      await prepareMachine(say, signal);
      try {
        await findBinaries(['kustomize', 'helm'], { report: say, signal });
      } catch (error) {
        if (!(error instanceof FairwayError)) throw error;
        say(messageOf(error));
      }
    });
}
