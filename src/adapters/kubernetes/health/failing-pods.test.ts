import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { ObjectHealth } from '../../../ports/kube.ts';
import { createKube } from '../create-kube.ts';
import { manifestsOf } from '../manifests.test-fixture.ts';
import { startTestCluster } from '../test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 1 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
const signal = AbortSignal.timeout(600_000);
const IMAGE = 'registry.k8s.io/e2e-test-images/agnhost:2.56';

const deployment = (name: string, container: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: app, ${container}}]
`;

/** Applies and asks until the verdict is final. */
async function verdictOn(text: string): Promise<ObjectHealth> {
  const manifests = manifestsOf(text);
  let outcome = await client.apply(manifests, signal);
  while (outcome.outcome === 'waiting') {
    await sleep(100, undefined, { signal });
    outcome = await client.apply(manifests, signal);
  }
  if (outcome.outcome === 'refused') throw new Error(JSON.stringify(outcome));
  const refs = outcome.objects.map(({ ref }) => ref).slice(-1);
  for (;;) {
    const [found] = await client.health(refs, signal);
    if (found !== undefined && found.health !== 'progressing') return found;
    await sleep(500, undefined, { signal });
  }
}

t.test('pods on a real node', { skip: cluster.realNodes ? false : 'no pods can run here' }, async (t) => {
  const [good, imageless, crashing] = await Promise.all([
    verdictOn(deployment('good', `image: "${IMAGE}", args: [pause]`)),
    verdictOn(deployment('imageless', 'image: "localhost:1/no/such:1"')),
    // Without the probe it would count as ready for the moment in which it runs.
    verdictOn(
      deployment(
        'crashing',
        `image: "${IMAGE}", command: [sh, -c, "echo cannot reach the database; exit 3"], readinessProbe: {exec: {command: ["false"]}}`,
      ),
    ),
  ]);
  t.match(good, { health: 'ready', reason: 'Deployment default/good: 1 of 1 replicas ready' });
  t.equal(imageless.health, 'failed');
  t.match(
    imageless.reason,
    /^Deployment default\/imageless: 0 of 1 replicas ready; pod imageless-[^ ]+: container app: (ErrImagePull|ImagePullBackOff): .*localhost:1\/no\/such:1/,
  );
  t.equal(crashing.health, 'failed');
  t.match(
    crashing.reason,
    /^Deployment default\/crashing: 0 of 1 replicas ready; pod crashing-[^ ]+: container app: .*exited with code 3, \d restarts\nlast words of app:\n {2}cannot reach the database$/,
  );

  const mended = await verdictOn(deployment('crashing', `image: "${IMAGE}", args: [pause]`));
  t.match(mended, { health: 'ready' }, 'failing pods of the old revision do not count against the new one');
  t.match(await client.nodes(signal), [{ ready: true, schedulable: true, reason: 'ready' }]);
});
