import { randomBytes } from 'node:crypto';
import { kubectl } from './kubectl.ts';

const image = 'registry.k8s.io/e2e-test-images/agnhost:2.56';

/** A pod of one container in the namespace default, under a name of its own. */
export function podWith(container: object) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `e2e-${randomBytes(4).toString('hex')}`, namespace: 'default' },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent', ...container }],
    },
  };
}

interface Test {
  teardown(action: () => unknown): void;
}

/** Creates a pod and waits until `condition` holds, as `kubectl wait --for` takes it. The pod goes when the test ends. */
export async function runPod(t: Test, pod: ReturnType<typeof podWith>, condition: string): Promise<string> {
  const { name } = pod.metadata;
  t.teardown(() => kubectl(['delete', 'pod', name, '--namespace=default', '--ignore-not-found', '--wait=false']));
  await kubectl(['create', '--filename=-'], JSON.stringify(pod));
  await kubectl(['wait', `pod/${name}`, '--namespace=default', `--for=${condition}`, '--timeout=45s']);
  return name;
}

/** A pod to send requests from; returns a function that runs a shell script in it. */
export async function clientPod(t: Test): Promise<(script: string) => Promise<string>> {
  const name = await runPod(t, podWith({ args: ['pause'] }), 'condition=Ready');
  return (script) => kubectl(['exec', name, '--namespace=default', '--', 'sh', '-c', script]);
}
