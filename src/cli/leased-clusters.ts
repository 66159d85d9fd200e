import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../domain/errors.ts';
import { isFinal, type Run } from '../domain/run.ts';
import type { ClusterProvider } from '../ports/cluster-provider.ts';
import type { RunStore } from '../ports/store.ts';
import { leasedClusters } from '../rollout/reaper.ts';

type Providers = ReadonlyMap<string, ClusterProvider>;

/** How long a start or an end waits for clusters that may not answer, milliseconds. */
const patience = 10_000;

/** What a Fairway that starts says of the runs and ephemeral clusters that the one before it left. */
export function takenUp(providers: Providers, runs: Pick<RunStore, 'list' | 'get'>): Promise<string[]> {
  return patiently(sentencesOfStart(providers, runs));
}

/** What a Fairway that ends says of the ephemeral clusters that it leaves; nothing when there are none. */
export function leftRunning(providers: Providers, stateDirectory: string): Promise<string[]> {
  return patiently(sentencesOfEnd(providers, stateDirectory));
}

/** A provider that can't be asked holds up neither. */
async function patiently(sentences: Promise<string[]>): Promise<string[]> {
  const unknown = ['the ephemeral clusters can’t be listed: a provider does not answer'];
  const told = sentences.catch((error) => [`the ephemeral clusters can’t be listed: ${messageOf(error)}`]);
  return Promise.race([told, sleep(patience, unknown, { ref: false })]);
}

async function sentencesOfStart(providers: Providers, runs: Pick<RunStore, 'list' | 'get'>): Promise<string[]> {
  const live = await runs.list({ live: true, limit: 1_000 });
  const clusters = await leasedClusters(providers.values(), 'run');
  const withCluster = new Set(clusters.map(({ runId }) => runId));
  const ofRuns = live.map(
    (run) => `taking up ${describe(run)} again${withCluster.has(run.id) ? ', with its cluster' : ''}`,
  );
  const ended = [];
  for (const { name, runId } of clusters) {
    const run = await runs.get(runId);
    if (!run || isFinal(run.status)) ended.push(`removing the cluster ${name}, whose run has ended`);
  }
  return [...ofRuns, ...ended];
}

async function sentencesOfEnd(providers: Providers, stateDirectory: string): Promise<string[]> {
  const clusters = await leasedClusters(providers.values(), 'run');
  const [first] = clusters;
  if (first === undefined) return [];
  return [
    ...clusters.map(({ name, provider, runId }) => `left: the ${provider.kind} cluster ${name} of the run ${runId}`),
    'The next fairway up takes up these runs with their clusters. To be rid of a cluster now, delete it; its run then ends without a verdict:',
    `  fairway clusters delete ${first.name} --provider ${first.provider.kind} --state ${stateDirectory}`,
  ];
}

function describe({ id, kind, channel, pullRequest }: Run): string {
  return `the run ${id} (${pullRequest === undefined ? `${kind} of ${channel}` : `pull request #${pullRequest} into ${channel}`})`;
}
