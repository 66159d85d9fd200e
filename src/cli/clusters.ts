import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { clusterProviderOf } from '../adapters/clusters/cluster-provider-of.ts';
import { FairwayError } from '../domain/errors.ts';
import type { ClusterProvider, ClusterState, ProvidedCluster } from '../ports/cluster-provider.ts';
import { stateFolder } from '../state-folder.ts';
import { outputFormat } from './render.ts';
import { print, say } from './terminal.ts';

interface CreateOptions {
  nodes: string;
  testImages: string;
}

interface ClustersOptions {
  provider: string;
  state: string;
  output: string;
}

const deadlineMs = 5 * 60_000;
/** The first cluster of a machine waits for its programs and images to be built. */
const makingDeadlineMs = 60 * 60_000;

/** `fairway clusters`: clusters made, listed and removed by hand. Exit code 0: done, 1: it did not get ready, 2: wrong use. */
export function clustersCommand(): Command {
  const command = new Command('clusters').description('make, list and remove clusters');
  subcommand(command, 'create <name>', 'make a cluster, or wait for one that is being made')
    .option('--nodes <count>', 'how many nodes carry pods', '1')
    .option('--test-images <set>', 'light: those of the smoke profile; full: all that conformance asks for', 'light')
    .action((name: string, options: ClustersOptions & CreateOptions) =>
      run(options, create(name, options), makingDeadlineMs),
    );
  subcommand(command, 'list', 'the clusters of the state folder').action((options: ClustersOptions) =>
    run(options, list),
  );
  subcommand(command, 'kubeconfig <name>', 'print the administrator’s kubeconfig').action(
    (name: string, options: ClustersOptions) => run(options, kubeconfig(name)),
  );
  subcommand(command, 'delete <name>', 'remove a cluster and all it has on this machine').action(
    (name: string, options: ClustersOptions) => run(options, remove(name)),
  );
  return command;
}

function subcommand(command: Command, usage: string, description: string): Command {
  return command
    .command(usage)
    .description(description)
    .option('--provider <kind>', 'local, kind or existing', 'local')
    .option('--state <dir>', 'folder in which Fairway keeps what it has', stateFolder(undefined))
    .option('--output <format>', 'text or json', 'text');
}

/** What was done, as text for people and as JSON. */
interface Done {
  text: string;
  json: object;
  exitCode: number;
}

type Work = (provider: ClusterProvider, signal: AbortSignal) => Promise<Done>;

async function run(options: ClustersOptions, work: Work, deadline = deadlineMs): Promise<void> {
  const format = outputFormat(options.output);
  await mkdir(options.state, { recursive: true });
  const signal = AbortSignal.timeout(deadline);
  const provider = clusterProviderOf(options.provider, { stateDirectory: options.state, report: say, signal });
  const { text, json, exitCode } = await work(provider, signal);
  print(format === 'json' ? `${JSON.stringify(json)}\n` : text);
  process.exitCode = exitCode;
}

function create(name: string, { nodes: count, testImages }: CreateOptions): Work {
  const nodes = Number(count);
  return async (provider, signal) => {
    if (!Number.isInteger(nodes) || nodes < 0 || nodes > 100) {
      throw new FairwayError('refused', `--nodes ${count}: give a whole number from 0 to 100.`);
    }
    if (testImages !== 'light' && testImages !== 'full')
      throw new FairwayError('refused', `--test-images ${testImages}: there are light and full.`);
    const spec = { name, nodes, owner: 'command line', expiresAt: undefined, testImages } as const;
    const state = await tellingProgress(provider, name, provider.ensure(spec, signal));
    const { missing } = await provider.powers(name);
    const text = [sentenceOf(name, state), ...missing].join('\n');
    return { text: `${text}\n`, json: { name, state, missing }, exitCode: state.phase === 'ready' ? 0 : 1 };
  };
}

/** Says on stderr what the cluster waits for, each time that changes, until `making` is settled. */
async function tellingProgress<T>(provider: ClusterProvider, name: string, making: Promise<T>): Promise<T> {
  const settled = making.then(
    () => 'settled' as const,
    () => 'settled' as const,
  );
  let told: string | undefined;
  while ((await Promise.race([settled, sleep(1_000)])) !== 'settled') {
    const state = await provider.describe(name);
    const sentence = state.phase === 'creating' ? sentenceOf(name, state) : told;
    if (sentence !== undefined && sentence !== told) say(sentence);
    told = sentence;
  }
  return making;
}

function remove(name: string): Work {
  return async (provider, signal) => {
    const state = await provider.delete(name, signal);
    return { text: `${sentenceOf(name, state)}\n`, json: { name, state }, exitCode: state.phase === 'absent' ? 0 : 1 };
  };
}

function kubeconfig(name: string): Work {
  return async (provider) => {
    const text = await provider.kubeconfig(name);
    return { text, json: { name, kubeconfig: text }, exitCode: 0 };
  };
}

const list: Work = async (provider) => {
  const clusters = await provider.list();
  return { text: clusters.map(lineOf).join('') || 'no clusters\n', json: { clusters }, exitCode: 0 };
};

function lineOf({ name, owner, expiresAt, state }: ProvidedCluster): string {
  const until = expiresAt === undefined ? 'lasting' : `until ${expiresAt.toISOString()}`;
  return `${sentenceOf(name, state)}  (${owner || 'no owner'}, ${until})\n`;
}

function sentenceOf(name: string, state: ClusterState): string {
  switch (state.phase) {
    case 'creating':
      return `${name} is being made: ${state.progress}`;
    case 'failed':
      return `${name} failed: ${state.reason}`;
    case 'deleting':
      return `${name} is being deleted; left: ${state.left.join(', ')}`;
    default:
      return `${name} is ${state.phase}`;
  }
}
