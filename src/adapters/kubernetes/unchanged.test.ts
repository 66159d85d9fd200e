import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ApiServer } from './api-server.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const server = new ApiServer(cluster.kubeconfig);
const signal = AbortSignal.timeout(120_000);

const policy = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: safe-upgrades}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [example.org], apiVersions: [v1], operations: [UPDATE], resources: [shops]}]
  validations: [{expression: "true"}]
`;
const path = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/safe-upgrades';

/** The API server's own controller says what it thinks of the expressions, by server-side apply too. */
async function untilTyped(): Promise<void> {
  for (;;) {
    const answer = await server.request({ method: 'GET', path }, signal);
    if (answer.outcome === 'ok' && JSON.stringify(answer.body.status ?? {}).includes('typeChecking')) return;
    await sleep(50, undefined, { signal });
  }
}

async function changes(text: string): Promise<string[]> {
  const outcome = await createKube().connect(cluster.kubeconfig).apply(manifestsOf(text), signal);
  if (outcome.outcome !== 'applied') throw new Error(JSON.stringify(outcome));
  return outcome.objects.map(({ change }) => change);
}

t.test('an object whose status someone else applied has not changed', async (t) => {
  t.same(await changes(policy), ['created']);
  await untilTyped();
  t.same(await changes(policy), ['unchanged']);
  t.same(await changes(policy.replace('"true"', '"1 == 1"')), ['configured']);
});
