import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { App } from '../app.ts';
import { followLog } from '../cli/follow-log.ts';
import { cluster as clusterSchema } from '../domain/cluster.ts';
import { formatDuration } from '../domain/duration.ts';
import { leftOutOfAll } from '../domain/left-out.ts';
import { isFinal, type Run } from '../domain/run.ts';
import { connectWebhook, seedEmbeddedForge } from '../seed-embedded-forge.ts';
import { ConfigCheckout, type Edit, type OpenedPullRequest } from './config-checkout.ts';
import { type ChannelResult, type DemoResult, pullRequestResult } from './demo-result.ts';

const channels = ['dev', 'alpha', 'stable'] as const;
const application = 'cluster/manifests/sample-application/deployment.yaml';

export interface Storyteller {
  app: App;
  repository: string;
  /** A line for whoever watches. */
  tell(line: string): void;
  signal: AbortSignal;
}

/** The main job, told from a push to three channels: what is good travels, what is bad is stopped. Leaves the three clusters. */
export async function tellStory(teller: Storyteller): Promise<Omit<DemoResult, 'leftovers' | 'seconds'>> {
  const { app, repository, tell } = teller;
  const forge = app.embeddedForge;
  if (!forge) throw new Error('the demo tells its story on the embedded forge');
  tell('── Three target clusters, one per channel');
  await Promise.all(channels.map((channel) => makeTarget(teller, channel)));
  await seedEmbeddedForge(forge, repository);
  await connectWebhook(app, repository);
  await app.catchUp();
  for (const channel of channels) await converged(teller, channel, undefined);

  const scratch = await mkdtemp(join(tmpdir(), 'fairway-demo-clone-'));
  try {
    const account = { gitUrl: forge.url, apiUrl: forge.apiUrl, repository, user: 'you', token: app.secrets.userToken };
    const checkout = new ConfigCheckout(join(scratch, 'config'), account);
    await checkout.clone();
    const pulls: OpenedPullRequest[] = [];
    const { told, leftOut } = await choose(app);
    for (const sentence of leftOut) tell(`left out: ${sentence}`);
    tell(`── ${told.length} changes are pushed, and a pull request opened for each`);
    for (const { branch, title, change } of told) {
      const pull = await checkout.propose(branch, title, change);
      tell(`#${pull.number} ${title}`);
      pulls.push(pull);
    }
    const runs: Run[] = [];
    for (const pull of pulls) {
      runs.push(await proofOf(teller, pull.number));
      await until(teller, `the gate of #${pull.number}`, () => checkout.decidedGate(pull.headSha));
    }
    const [good, ...bad] = pulls;
    tell('── The bad ones can not be merged');
    for (const { number } of bad) {
      const merge = await checkout.merge(number);
      tell(`#${number}: ${merge.outcome === 'refused' ? merge.reason : 'MERGED, which must not happen'}`);
      if (merge.outcome === 'merged') throw new Error(`#${number} could be merged although its gate is red`);
    }
    if (!good || runs[0]?.status !== 'succeeded') throw new Error(`the good change was not proven: ${runs[0]?.reason}`);
    for (const line of (await checkout.stickyComment(good.number)).split('\n').slice(0, 14)) tell(`   │ ${line}`);
    const { reached, reused } = await promote(teller, checkout, good.number);
    return {
      pullRequests: runs.map((run, index) => pullRequestResult(pulls[index]?.number ?? 0, run)),
      channels: reached,
      reusedEvidence: reused,
      leftOut: [...leftOut, ...new Set(runs.flatMap(({ stages }) => leftOutOfAll(stages)))],
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The good change is merged, and each channel's promotion after it. */
async function promote(teller: Storyteller, checkout: ConfigCheckout, first: number) {
  const { tell } = teller;
  const reached: Record<string, ChannelResult> = {};
  let reused = 0;
  let number = first;
  for (const [index, channel] of channels.entries()) {
    tell(`── #${number} is merged into ${channel}`);
    const before = (await teller.app.store.channels.get(teller.repository, channel)).convergedSha;
    const merge = await checkout.merge(number);
    if (merge.outcome === 'refused') throw new Error(`#${number} could not be merged: ${merge.reason}`);
    reached[channel] = await converged(teller, channel, before);
    tell(`${channel}-1 now runs sample-application ${await versionOn(teller, `${channel}-1`)}`);
    const next = channels[index + 1];
    if (next === undefined) break;
    const promotion = await until(teller, `a promotion to ${next}`, () => checkout.openPullRequestAgainst(next));
    number = promotion.number;
    tell(`#${number} proposes the same revision to ${next}`);
    const proof = await proofOf(teller, number);
    await until(teller, `the gate of #${number}`, () => checkout.decidedGate(promotion.headSha));
    if (proof.reusedFrom !== undefined) reused++;
    tell(`#${number}: ${proof.reason}`);
  }
  return { reached, reused };
}

interface Change {
  branch: string;
  title: string;
  /** What the cluster must have for anyone to notice what the change does. */
  needs?: 'nodes';
  change(edit: Edit): Promise<void>;
}

/** The changes whose outcome this machine's clusters can show. */
async function choose({ world }: App): Promise<{ told: Change[]; leftOut: string[] }> {
  const { realNodes, missing } = (await world.providers.get('local')?.powers('dev-1')) ?? {
    realNodes: true,
    missing: [],
  };
  if (realNodes) return { told: changes, leftOut: [] };
  const left = changes
    .filter(({ needs }) => needs === 'nodes')
    .map(({ title }) => `the change "${title}": only a pod can show what it does`);
  return { told: changes.filter(({ needs }) => needs === undefined), leftOut: [...missing, ...left] };
}

const changes: Change[] = [
  {
    branch: 'sample-1.1',
    title: 'Sample application 1.1.0, and limits for volumes',
    async change(edit) {
      await edit.replace(
        'cluster/config-defaults.yaml',
        'sample_application_version: "1.0.0"',
        'sample_application_version: "1.1.0"',
      );
      const limits = [
        'apiVersion: v1',
        'kind: LimitRange',
        'metadata: {name: volumes, namespace: default}',
        'spec:',
        '  limits:',
        '    - {type: PersistentVolumeClaim, min: {storage: 1Gi}, max: {storage: 1Ti}}',
        '',
      ];
      await edit.write('cluster/manifests/limits/volumes.yaml', limits.join('\n'));
    },
  },
  {
    branch: 'bad-command',
    title: 'A command that does not exist',
    needs: 'nodes',
    change: (edit) => edit.replace(application, 'args: [netexec,', 'args: [netexek,'),
  },
  {
    branch: 'bad-limits',
    title: 'A limit that is no quantity',
    change: (edit) => edit.replace('cluster/manifests/limits/limits.yaml', 'cpu: "16"', 'cpu: "a lot"'),
  },
];

async function makeTarget({ app, tell, signal }: Storyteller, channel: string): Promise<void> {
  const name = `${channel}-1`;
  const provider = app.world.providers.get('local');
  if (!provider) throw new Error('there is no local provider');
  const spec = { name, nodes: 1, owner: 'demo', expiresAt: undefined };
  for (
    let state = await provider.ensure(spec, signal);
    state.phase !== 'ready';
    state = await provider.ensure(spec, signal)
  ) {
    if (state.phase === 'failed') throw new Error(`${name}: ${state.reason}`);
    await sleep(300, undefined, { signal });
  }
  await app.store.clusters.put(
    clusterSchema.parse({
      id: name,
      alias: name,
      local_id: name,
      api_server_url: `https://${name}.cluster.local`,
      channel,
      provider: 'local',
      created_at: new Date().toISOString(),
    }),
  );
  tell(`${name} is ready`);
}

/** Follows the newest run of a pull request to its end. */
async function proofOf({ app, repository, tell, signal }: Storyteller, pullRequest: number): Promise<Run> {
  const { runs } = app.store;
  const find = async (): Promise<Run | undefined> => (await runs.list({ repository, pullRequest, limit: 1 }))[0];
  const { id } = await until({ signal }, `a run for #${pullRequest}`, find);
  const log = followLog(runs, id, (line) => tell(`#${pullRequest} ${line}`));
  try {
    const run = await until({ signal }, `the end of ${id}`, async () => {
      const now = await runs.get(id);
      return now && isFinal(now.status) ? now : undefined;
    });
    const took = formatDuration((run.finishedAt ?? 0) - (run.startedAt ?? 0));
    tell(`── #${pullRequest}: ${run.status} after ${took}${run.status === 'succeeded' ? '' : `, ${run.reason}`}`);
    return run;
  } finally {
    await log.end();
  }
}

/** Waits until the channel has converged to something else than `before`. */
async function converged(
  { app, repository, tell, signal }: Storyteller,
  channel: string,
  before: string | undefined,
): Promise<ChannelResult> {
  const state = await until({ signal }, `${channel} to converge`, async () => {
    const now = await app.store.channels.get(repository, channel);
    const [newest] = await app.store.runs.list({ repository, channel, kind: 'rollout', limit: 1 });
    if (newest && ['failed', 'errored', 'unknown'].includes(newest.status))
      throw new Error(`the rollout to ${channel} ${newest.status}: ${newest.reason}`);
    return now.convergedSha !== undefined && now.convergedSha !== before && now.liveRun === undefined ? now : undefined;
  });
  tell(`${channel} converged to ${state.convergedSha?.slice(0, 8)}`);
  return { revision: state.convergedSha ?? '', tree: state.convergedTree ?? '', converged: true };
}

async function versionOn({ app, signal }: Storyteller, name: string): Promise<string> {
  const kubeconfig = join(await app.world.workFolder('demo'), `${name}.kubeconfig`);
  await writeFile(kubeconfig, (await app.world.providers.get('local')?.kubeconfig(name)) ?? '', { mode: 0o600 });
  const { kubectl } = await app.world.conformanceTools.prepare(() => {}, signal);
  const version = ['get', 'deployment', 'sample-application', '-o', 'jsonpath={.metadata.labels.version}'];
  return (await execa(kubectl, ['--kubeconfig', kubeconfig, ...version], { cancelSignal: signal })).stdout;
}

async function until<T>(
  { signal }: Pick<Storyteller, 'signal'>,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  for (const deadline = Date.now() + 15 * 60_000; Date.now() < deadline; ) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(300, undefined, { signal });
  }
  throw new Error(`waited 15 minutes for ${what}`);
}
