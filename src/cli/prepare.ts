import { Command } from 'commander';
import { prepareMachine } from '../prepare-machine.ts';

/** `fairway prepare`: makes this machine ready for local clusters, once. */
export function prepareCommand(): Command {
  return new Command('prepare')
    .description('find, download or build what local clusters need: packages, Kubernetes programs, test images')
    .action(() => prepareMachine((line) => void process.stderr.write(`${line}\n`), AbortSignal.timeout(3_600_000)));
}
