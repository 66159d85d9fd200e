import t from 'tap';
import { needs } from './needs.ts';
import { clientPod } from './pods.ts';

t.test('a pod resolves names of the cluster and reaches services by them', { skip: needs.pods }, async (t) => {
  const inPod = await clientPod(t);
  t.match(await inPod('dig +short +search +timeout=2 +tries=5 kubernetes.default'), /^\d+\.\d+\.\d+\.\d+$/m);
  t.match(
    await inPod('curl --silent --fail --max-time 5 --retry 3 --retry-connrefused http://sample-application/hostname'),
    /^sample-application-/,
  );
  t.equal(await inPod('curl --silent --insecure --max-time 5 https://kubernetes.default/livez'), 'ok');
});
