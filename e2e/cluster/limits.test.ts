import t from 'tap';
import { kubectl } from './kubectl.ts';
import { needs } from './needs.ts';
import { podWith } from './pods.ts';

/** What the API server would make of the pod. */
async function admit(container: object): Promise<string> {
  return kubectl(['create', '--dry-run=server', '--output=json', '--filename=-'], JSON.stringify(podWith(container)));
}

t.test('a pod without resources gets the defaults of the channel', { skip: needs.cluster }, async (t) => {
  const { spec } = JSON.parse(await admit({}));
  t.strictSame(spec.containers[0].resources, {
    requests: { cpu: '100m', memory: '100Mi' },
    limits: { cpu: '3', memory: '1Gi' },
  });
});

t.test('nobody gets more than the maximum', { skip: needs.cluster }, async (t) => {
  await t.rejects(admit({ resources: { limits: { cpu: '17' } } }), {
    message: /maximum cpu usage per Container is 16, but limit is 17/,
  });
  await t.rejects(admit({ resources: { limits: { memory: '65Gi' } } }), {
    message: /maximum memory usage per Container is 64Gi, but limit is 65Gi/,
  });
  t.match(await admit({ resources: { limits: { cpu: '16', memory: '64Gi' } } }), /"64Gi"/);
});
