import t from 'tap';
import { kubectl } from './kubectl.ts';
import { needs } from './needs.ts';
import { podWith, runPod } from './pods.ts';

t.test('a pod with the default limit learns how much memory it has', { skip: needs.pods }, async (t) => {
  const resourceFieldRef = { resource: 'limits.memory', divisor: '1Ki' };
  const pod = podWith({
    command: ['sh', '-c', 'echo "$MEM_TOTAL_KB"'],
    env: [{ name: 'MEM_TOTAL_KB', valueFrom: { resourceFieldRef } }],
  });
  const name = await runPod(t, pod, 'jsonpath={.status.phase}=Succeeded');
  t.equal((await kubectl(['logs', name, '--namespace=default'])).trim(), '1048576');
});
