import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { hookRole } from '../../domain/hook-role.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { ApplyOutcome } from '../../ports/kube.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 1 });
t.teardown(() => cluster.stop());
const signal = AbortSignal.timeout(600_000);
const client = createKube().connect(cluster.kubeconfig);

const job = (name: string, command: string, annotations = '{}') => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, annotations: ${annotations}}
spec:
  ttlSecondsAfterFinished: 0
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      containers: [{name: c, image: "registry.k8s.io/e2e-test-images/agnhost:2.56", command: [/bin/sh, -c, "${command}"]}]
`;

async function untilDone(manifests: Manifest[], attempt: string): Promise<ApplyOutcome> {
  for (;;) {
    const outcome = await client.apply(manifests, signal, { attempt, hooks: 'wait' });
    if (outcome.outcome !== 'waiting') return outcome;
    await sleep(200, undefined, { signal });
  }
}

t.test('Jobs on a real node', { skip: cluster.realNodes ? false : 'no pods can run here' }, async (t) => {
  const migrate = manifestsOf(job('migrate', 'sleep 1'));
  t.match(await untilDone(migrate, 'one'), { objects: [{ change: 'created' }] });
  const refs = [{ apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name: 'migrate' }];
  let [found] = await client.health(refs, signal);
  while (found !== undefined && !/: completed, and is gone/.test(found.reason)) {
    await sleep(200, undefined, { signal });
    [found] = await client.health(refs, signal);
  }
  t.match(found, { health: 'ready' }, 'a Job that goes at once when it has completed');
  t.match(await untilDone(migrate, 'two'), { objects: [{ change: 'done' }] });

  const hook = manifestsOf(
    job('check', 'echo cannot reach the database; exit 3', '{helm.sh/hook: pre-install}').replace(/ {2}ttl.*\n/, ''),
  ).map((manifest) => {
    const role = hookRole(manifest.object);
    return { ...manifest, release: 'shop', ...(role.role === 'hook' ? { hook: role.hook } : {}) };
  });
  const outcome = await untilDone(hook, 'three');
  t.match(outcome, { outcome: 'refused' });
  t.match(
    outcome.outcome === 'refused' ? outcome.refusals[0]?.message : '',
    /^Job default\/check, a pre-install hook of chart shop, failed: BackoffLimitExceeded: [\s\S]*exited with code 3\nlast words of c:\n {2}cannot reach the database$/,
  );
});
