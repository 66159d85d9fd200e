import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import type { Test } from 'tap';
import { createGithubForge } from '../../adapters/forge/github-forge.ts';
import { createGitMirror } from '../../adapters/git/git-mirror.ts';
import { openStore } from '../../adapters/store/store.ts';
import type { Run } from '../../domain/run.ts';
import { type Clone, ForgeUnderTest } from '../../embedded/forge/testing/forge-under-test.ts';
import type { Wakeup } from '../../ports/dispatcher.ts';
import type { Store } from '../../ports/store.ts';
import { stepSchemas } from '../../steps/registry.ts';
import { intentOf } from '../../webhook/intents.ts';
import { catchUp } from '../catch-up.ts';
import { handleDelivery } from '../handle-delivery.ts';
import type { Planning } from '../planning.ts';

export const rules = {
  'channels/dev.yaml': 'channel: dev\nbranch: dev\npromotion: {to: alpha}\n',
  'channels/alpha.yaml': 'channel: alpha\nbranch: alpha\n',
  'pipelines/pull-request.yaml':
    'pipeline: pull-request\non: {pullRequest: {branches: [dev, alpha], ignorePaths: ["**/*.md"]}}\nstages:\n  - {stage: render, steps: [{render: {}}]}\n',
  'pipelines/rollout.yaml':
    'pipeline: rollout\non: {push: {}}\nstages:\n  - {stage: render, steps: [{render: {}}]}\n  - {stage: converge, forEach: cluster, steps: [{apply: {}}]}\n',
};

/** What decides about runs, with a real forge, git and store; nobody works on the runs. */
export class PlanningUnderTest {
  readonly forge: ForgeUnderTest;
  readonly clone: Clone;
  readonly store: Store;
  readonly planning: Planning;
  readonly wakeups: Wakeup[] = [];
  #deliveries = 0;

  private constructor(forge: ForgeUnderTest, clone: Clone, store: Store) {
    this.forge = forge;
    this.clone = clone;
    this.store = store;
    const { admin } = forge.tokens;
    const remote = (repository: string) => ({
      url: `${forge.forge.url}/${repository}.git`,
      authorization: async () => `Basic ${Buffer.from(`x:${admin}`).toString('base64')}`,
    });
    this.planning = {
      repository: 'acme/config',
      store,
      git: createGitMirror({ directory: join(forge.directory, 'mirror'), remote }),
      forge: createGithubForge({
        baseUrl: forge.forge.apiUrl,
        gitBaseUrl: forge.forge.url,
        auth: { token: admin },
        pace: 'none',
        retryUnitMs: 1,
      }),
      dispatcher: { wake: async (wakeup) => void this.wakeups.push(wakeup) },
      stepSchemas,
    };
  }

  static async start(t: Test): Promise<PlanningUnderTest> {
    const forge = await ForgeUnderTest.start(t, {
      log: pino({ level: 'warn' }, { write: (line: string) => void t.comment(line) }),
    });
    const clone = await forge.clone();
    const store = await openStore(pathToFileURL(join(forge.directory, 'fairway.db')).href);
    t.teardown(() => store.close());
    const at = new PlanningUnderTest(forge, clone, store);
    await at.push('dev', rules);
    return at;
  }

  /** Commits the files upon the branch and pushes it; returns the commit. */
  async push(branch: string, files: Record<string, string>): Promise<string> {
    const sha = await this.clone.commitTo(branch, files);
    await this.clone.git('push', '--quiet', '--force', 'origin', branch);
    return sha;
  }

  /** Pushes like `push`, as if a pull request with these files had been proven and merged. */
  async mergeProven(branch: string, files: Record<string, string>): Promise<string> {
    const git = this.planning.git.repository('acme/config');
    await git.fetch(AbortSignal.timeout(60_000));
    const before = await git.branch(branch);
    const sha = await this.push(branch, files);
    await this.prove(branch, before?.tree ?? 'nothing', sha);
    return sha;
  }

  /** What a proof of the step to that commit would have left behind. */
  async prove(branch: string, baseTree: string, sha: string): Promise<void> {
    const git = this.planning.git.repository('acme/config');
    await git.fetch(AbortSignal.timeout(60_000));
    const tree = (await git.commit(sha))?.tree ?? '';
    const step = { repository: 'acme/config', branch, baseTree, tree };
    const runId = `proof-of-${sha.slice(0, 8)}`;
    const key = `${baseTree} ${tree}`;
    await this.store.evidence.keep({ ...step, key, verdict: 'success', reason: '', runId, at: Date.now() });
  }

  /** Opens a pull request to dev as wim, who may write. */
  async openPull(branch: string, files: Record<string, string>): Promise<{ number: number; sha: string }> {
    const sha = await this.push(branch, files);
    const order = { title: branch, head: branch, base: 'dev' };
    const { body } = await this.forge.repo('POST', '/pulls', order, this.forge.tokens.writer);
    return { number: body.number, sha };
  }

  /** Waits until the forge says that this is the pull request's head. */
  async headIs(number: number, sha: string): Promise<void> {
    const deadline = AbortSignal.timeout(20_000);
    while ((await this.forge.repo('GET', `/pulls/${number}`)).body.head.sha !== sha)
      await sleep(20, undefined, { signal: deadline });
  }

  /** Handles a delivery as the forge would send it, and says what became of it. */
  async deliver(event: string, sender: string, payload: object): Promise<string> {
    const common = { repository: { full_name: 'acme/config' }, sender: { login: sender, type: 'User' } };
    const id = `delivery-${++this.#deliveries}`;
    await this.store.deliveries.receive({
      id,
      event,
      payload: JSON.stringify({ ...common, ...payload }),
      receivedAt: Date.now(),
    });
    await handleDelivery(this.planning, id, intentOf, AbortSignal.timeout(60_000));
    const all = await this.store.deliveries.recent(1_000);
    return all.find((delivery) => delivery.id === id)?.result ?? 'not finished';
  }

  pullRequest(action: string, number: number, sender = 'wim'): Promise<string> {
    return this.deliver('pull_request', sender, { action, number, pull_request: { merged: false } });
  }

  comment(body: string, number: number, sender: string, at = Date.now()): Promise<string> {
    return this.deliver('issue_comment', sender, {
      action: 'created',
      issue: { number, state: 'open', pull_request: {} },
      comment: { id: ++this.#deliveries, body, created_at: new Date(at).toISOString() },
    });
  }

  async catchUp(t: Test): Promise<void> {
    const watched = { repository: 'acme/config', webhookUrl: 'http://127.0.0.1:9/webhooks/github' };
    await catchUp(this.planning, watched, (problem) => t.fail(problem), AbortSignal.timeout(60_000));
  }

  runs(number: number): Promise<Run[]> {
    return this.store.runs.list({ pullRequest: number });
  }

  /** What a worker would have written at the run's end. */
  async end(run: Run, status: Run['status'], reason = ''): Promise<void> {
    await this.store.runs.lease(run.id, 'worker', 10_000);
    const ended = { ...run, status, reason, finishedAt: Date.now(), wakeAt: undefined };
    if (!(await this.store.runs.save(ended, 'worker'))) throw new Error(`${run.id} could not be ended`);
    await this.store.runs.release(run.id, 'worker');
  }
}
