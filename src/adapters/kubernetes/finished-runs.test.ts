import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { ObjectRef } from '../../domain/manifest.ts';
import type { ApplyOptions, ObjectHealth } from '../../ports/kube.ts';
import { ApiServer } from './api-server.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { endPodOf, untilGone } from './pods-by-hand.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const server = new ApiServer(cluster.kubeconfig);
const signal = AbortSignal.timeout(240_000);

/** Another process each time: what is known is known from the cluster. */
const client = () => createKube().connect(cluster.kubeconfig);
const attempt = (name: string): ApplyOptions => ({ attempt: name, hooks: 'wait' });

async function apply(text: string, options: ApplyOptions): Promise<string | undefined> {
  const outcome = await client().apply(manifestsOf(text), signal, options);
  if (outcome.outcome !== 'applied') throw new Error(JSON.stringify(outcome));
  return outcome.objects[0]?.change;
}

const job = (
  name: string,
  { argument = 'a', more = 'ttlSecondsAfterFinished: 0', labels = '{}' } = {},
) => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, labels: ${labels}}
spec:
  backoffLimit: 0
  ${more}
  template:
    spec: {restartPolicy: Never, containers: [{name: c, image: "app:1", args: [${argument}]}]}
`;
const pathOf = (name: string) => `/apis/batch/v1/namespaces/default/jobs/${name}`;
const refOf = (name: string): ObjectRef => ({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name });

/** Asks until it is as awaited: events are written a moment after what they tell of. */
async function healthOnce(name: string, reason: RegExp): Promise<ObjectHealth> {
  for (;;) {
    const [found] = await client().health([refOf(name)], signal);
    if (found !== undefined && reason.test(found.reason)) return found;
    await sleep(100, undefined, { signal });
  }
}

t.test('a Job that completed and went between two looks is done, and is not run again', async (t) => {
  t.equal(await apply(job('migrate'), attempt('one')), 'created');
  await endPodOf(server, 'migrate', 'Succeeded', signal);
  await untilGone(server, pathOf('migrate'), signal);
  const found = await healthOnce('migrate', /: completed/);
  t.match(found, { health: 'ready', reason: 'Job default/migrate: completed, and is gone' });
  t.equal(await apply(job('migrate'), attempt('two')), 'done');
  const relabelled = job('migrate', { more: 'ttlSecondsAfterFinished: 60', labels: '{version: "2"}' });
  t.equal(await apply(relabelled, attempt('three')), 'done', 'what does not change what runs');
  t.equal(await apply(job('migrate', { argument: 'b' }), attempt('four')), 'created', 'a changed definition');
  await endPodOf(server, 'migrate', 'Succeeded', signal);
  await untilGone(server, pathOf('migrate'), signal);
  t.match(await healthOnce('migrate', /: completed/), { health: 'ready' });
});

t.test('a Job that failed and is gone has failed: by the next apply it is tried anew, by this one not', async (t) => {
  t.equal(await apply(job('doomed'), attempt('one')), 'created');
  await endPodOf(server, 'doomed', 'Failed', signal);
  await untilGone(server, pathOf('doomed'), signal);
  const found = await healthOnce('doomed', /BackoffLimitExceeded/);
  t.equal(found.health, 'failed');
  t.equal(
    found.reason,
    'Job default/doomed: failed: BackoffLimitExceeded: Job has reached the specified backoff limit; it is gone',
  );
  t.equal(await apply(job('doomed'), attempt('one')), 'done');
  t.equal(await apply(job('doomed'), attempt('two')), 'created');
});

t.test('a Job that was deleted while it ran is not taken for completed', async (t) => {
  await apply(job('lost'), attempt('one'));
  await server.request({ method: 'DELETE', path: pathOf('lost'), body: { propagationPolicy: 'Background' } }, signal);
  await untilGone(server, pathOf('lost'), signal);
  t.match(await client().health([refOf('lost')], signal), [
    { health: 'failed', reason: 'Job default/lost: is gone, and whether it succeeded is not known' },
  ]);
  t.equal(await apply(job('lost'), attempt('two')), 'created');
});

t.test('how it ended is remembered from when it was seen, longer than its events', async (t) => {
  await apply(job('seen', { more: '' }), attempt('one'));
  await endPodOf(server, 'seen', 'Succeeded', signal);
  t.match(await healthOnce('seen', /: completed/), { health: 'ready', reason: 'Job default/seen: completed' });
  await server.request({ method: 'DELETE', path: pathOf('seen'), body: { propagationPolicy: 'Background' } }, signal);
  await untilGone(server, pathOf('seen'), signal);
  await server.request({ method: 'DELETE', path: '/api/v1/namespaces/default/events' }, signal);
  t.match(await client().health([refOf('seen')], signal), [{ health: 'ready' }]);
  t.equal(await apply(job('seen', { more: '' }), attempt('two')), 'done');
});

t.test('what a cluster is no longer to have is forgotten, and runs when it comes back', async (t) => {
  const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n';
  t.equal(await apply(job('seen', { more: '' }), attempt('three')), 'done');
  await apply(other, attempt('four'));
  t.equal(await apply(job('seen', { more: '' }), attempt('five')), 'created');
});
