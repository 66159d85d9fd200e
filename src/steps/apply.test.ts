import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ApiServer } from '../adapters/kubernetes/api-server.ts';
import { createKube } from '../adapters/kubernetes/create-kube.ts';
import { manifestsOf } from '../adapters/kubernetes/manifests.test-fixture.ts';
import { endPodOf, untilGone } from '../adapters/kubernetes/pods-by-hand.test-fixture.ts';
import { startTestCluster } from '../adapters/kubernetes/test-cluster.test-fixture.ts';
import type { Json } from '../domain/json.ts';
import { type RenderedCluster, refusedCluster } from '../render/rendered-cluster.ts';
import { converge } from './apply.ts';
import type { StepOutcome } from './step.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const server = new ApiServer(cluster.kubeconfig);
const signal = AbortSignal.timeout(240_000);

function rendered(text: string, deletions: Partial<RenderedCluster['deletions']> = {}): RenderedCluster {
  const none = refusedCluster('c', '');
  const components = [{ name: 'app', manifests: manifestsOf(text) }];
  return { ...none, version: 'v1', refusals: [], components, deletions: { ...none.deletions, ...deletions } };
}

/** One call, by another process each time; what is logged comes along. */
async function call(desired: RenderedCluster, attempt: string, memo: Json = null): Promise<[StepOutcome, string[]]> {
  const lines: string[] = [];
  const client = createKube().connect(cluster.kubeconfig);
  const options = { attempt, hooks: 'wait' } as const;
  const log = (text: string) => void lines.push(text);
  return [await converge({ client, rendered: desired, options, log, signal }, memo), lines];
}

async function uidOf(path: string): Promise<unknown> {
  const answer = await server.request({ method: 'GET', path }, signal);
  const { metadata } = answer.outcome === 'ok' ? answer.body : {};
  return metadata && typeof metadata === 'object' && 'uid' in metadata ? metadata.uid : undefined;
}

async function letGo(path: string): Promise<void> {
  const contentType = 'application/merge-patch+json';
  await server.request({ method: 'PATCH', path, body: { metadata: { finalizers: null } }, contentType }, signal);
}

const job = (argument: string) => `apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: c, image: "app:1", args: ["${argument}"]}]}
`;
const held = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.org/hold]}\n';
const heldPath = '/api/v1/namespaces/default/configmaps/held';
const jobPath = '/apis/batch/v1/namespaces/default/jobs/migrate';
const preApply = [{ kind: 'Job', name: 'migrate', namespace: 'default' }];

/** Calls while it waits for anything else than what the pattern names. */
async function callUntil(desired: RenderedCluster, attempt: string, waitsFor: RegExp): Promise<StepOutcome> {
  for (;;) {
    const [outcome] = await call(desired, attempt);
    if (outcome.outcome !== 'running' || waitsFor.test(outcome.progress)) return outcome;
    await sleep(50, undefined, { signal });
  }
}

t.test('pre_apply is done once, however long the step waits, and again by the next', async (t) => {
  t.match((await call(rendered(`${held}---\n${job('1')}`, { preApply }), 'base'))[0], { outcome: 'succeeded' });
  const first = await uidOf(jobPath);
  const head = rendered(job('2'), { preApply });
  t.match(await callUntil(head, 'head', /held/), { outcome: 'running' }, 'what is pruned is held');
  const second = await uidOf(jobPath);
  t.not(second, first, 'its template is immutable: it was made anew');
  for (let look = 0; look < 3; look++) await call(head, 'head');
  t.equal(await uidOf(jobPath), second);
  await letGo(heldPath);
  t.match(await callUntil(head, 'head', /never/), { outcome: 'succeeded' });
  t.equal(await uidOf(jobPath), second);
  t.match(await callUntil(head, 'next', /never/), { outcome: 'succeeded' });
  t.not(await uidOf(jobPath), second);
});

t.test('a Job under pre_apply runs anew by each apply, also when it had completed and is gone', async (t) => {
  const daily = job('daily').replace('spec:', 'spec:\n  ttlSecondsAfterFinished: 0').replace('migrate', 'daily');
  const path = jobPath.replace('migrate', 'daily');
  const desired = rendered(daily, { preApply: [{ kind: 'Job', name: 'daily', namespace: 'default' }] });
  t.match(await callUntil(desired, 'monday', /never/), { outcome: 'succeeded' });
  await endPodOf(server, 'daily', 'Succeeded', signal);
  await untilGone(server, path, signal);
  await call(desired, 'monday');
  t.equal(await uidOf(path), undefined, 'the same apply, going on');
  t.match(await callUntil(desired, 'tuesday', /never/), { outcome: 'succeeded' });
  t.not(await uidOf(path), undefined);
});

t.test('while post_apply waits nothing is applied again, and what it deleted stays deleted', async (t) => {
  const postApply = [{ kind: 'ConfigMap', name: 'held', namespace: 'default' }];
  const desired = rendered(held, { postApply });
  const [waiting] = await call(desired, 'post');
  if (waiting.outcome !== 'running') throw new Error(JSON.stringify(waiting));
  t.match(waiting.progress, /^deletions.yaml, post_apply: waiting for ConfigMap default\/held/);
  await letGo(heldPath);
  t.match((await call(desired, 'post', waiting.memo))[0], { outcome: 'succeeded', summary: '1 objects, 1 changed' });
  t.equal(await uidOf(heldPath), undefined);
});

t.test('a refusal is a few lines, and all of it is in the log', async (t) => {
  await call(rendered(job('1')), 'short');
  const [outcome, log] = await call(rendered(job('2')), 'short');
  if (outcome.outcome !== 'failed') throw new Error(JSON.stringify(outcome));
  t.match(
    outcome.reason,
    /^Job default\/migrate \(manifests\/app\/all.yaml:1\) was refused: spec.template can't be changed in a Job that is there: field is immutable\nGive the Job another name/,
  );
  t.equal(outcome.reason.split('\n').length, 2);
  t.match(log.join('\n'), /Invalid value: [\s\S]*TerminationMessagePath/);
});

t.test('a secret that the API server repeats is shown nowhere', async (t) => {
  const secret = 'correct-horse-battery';
  const [outcome, log] = await call({ ...rendered(job(secret)), secrets: [secret] }, 'secret');
  t.match(outcome, { outcome: 'failed' });
  t.match(log.join('\n'), '(secret)');
  t.notMatch(JSON.stringify([outcome, log]), secret);
});

t.test('of many refusals the first are told, and all are in the log', async (t) => {
  const wrong = Array.from(
    { length: 25 },
    (_, index) => `apiVersion: v1\nkind: Secret\nmetadata: {name: s${index}, namespace: nowhere}\n`,
  );
  const [outcome, log] = await call(rendered(wrong.join('---\n')), 'many');
  if (outcome.outcome !== 'failed') throw new Error(JSON.stringify(outcome));
  const lines = outcome.reason.split('\n');
  t.equal(lines.length, 11);
  t.equal(lines.at(-1), 'and 15 more, which are in the log');
  t.equal(log.filter((line) => line.includes('namespaces "nowhere" not found')).length, 25);
});

t.test('what was applied before a wait is counted and logged too, each once', async (t) => {
  const shops = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.org}
spec:
  group: example.org
  names: {kind: Shop, plural: shops}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: example.org/v1
kind: Shop
metadata: {name: main}
`;
  const lines: string[] = [];
  let waits = 0;
  for (let memo: Json = null; ; waits++) {
    const [outcome, log] = await call(rendered(shops), 'shops', memo);
    lines.push(...log.filter((line) => line.endsWith('created')));
    if (outcome.outcome !== 'running') {
      t.match(outcome, { outcome: 'succeeded', summary: '2 objects, 2 changed' });
      break;
    }
    memo = outcome.memo ?? memo;
    await sleep(50, undefined, { signal });
  }
  t.ok(waits > 0, 'a definition that has just come is waited for');
  t.same(lines, ['CustomResourceDefinition shops.example.org created', 'Shop default/main created']);
});
