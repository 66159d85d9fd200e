import t from 'tap';
import type { DeleteRefusal, LeftObject } from '../ports/kube.ts';
import { deletionRefused, deletionSettled } from './deletion-settled.ts';

const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name });
const numbered = <T>(count: number, of: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));

function logged(): { lines: string[]; log: (text: string) => void } {
  const lines: string[] = [];
  return { lines, log: (text) => lines.push(text) };
}

t.test('what is waited for is told with what holds it; of many, how many there are', async (t) => {
  const { log } = logged();
  const left: LeftObject[] = numbered(600, (i) => ({
    ref: ref(`m${i}`),
    reason: 'finalizer example.org/hold holds it',
  }));
  t.match(deletionSettled({ outcome: 'waiting', left: left.slice(0, 1), objects: [] }, 'pruning', log), {
    outcome: 'running',
    progress: 'pruning: waiting for ConfigMap shop/m0 (finalizer example.org/hold holds it)',
  });
  t.match(deletionSettled({ outcome: 'waiting', left, objects: [] }, 'pruning', log), {
    progress: /^pruning: waiting for ConfigMap shop\/m0 .*, ConfigMap shop\/m9 \([^)]*\) and 590 more$/,
  });
});

t.test('what is refused comes with the rows that would let it go', async (t) => {
  const { lines, log } = logged();
  const refusals: DeleteRefusal[] = [
    { ref: ref('a'), message: 'ConfigMap shop/a: denied by policy' },
    { ref: ref('b'), message: 'Namespace 10 is full', entry: { kind: 'Namespace', name: '10' } },
    { ref: ref('c'), message: 'Claim is bound', entry: { kind: 'Claim', namespace: 'shop', name: 'c' } },
  ];
  t.strictSame(deletionSettled({ outcome: 'refused', refusals }, 'pruning', log), {
    outcome: 'failed',
    reason: `pruning: ConfigMap shop/a: denied by policy
pruning: Namespace 10 is full
pruning: Claim is bound
What is to go all the same must be named in deletions.yaml; what is to stay, annotated fairway.dev/prune: never:
post_apply:
  - {kind: Namespace, name: "10"}
  - {kind: Claim, namespace: shop, name: c}`,
  });
  t.strictSame(lines, []);
});

t.test('of many refusals, and of long ones, the rest is in the log', async (t) => {
  const { lines, log } = logged();
  const refusals = numbered(22, (i) => ({ ref: ref(`m${i}`), message: `ConfigMap shop/m${i}: ${'no\n'.repeat(5)}` }));
  const outcome = deletionRefused(refusals, 'pruning', log);
  const told = outcome.outcome === 'failed' ? outcome.reason.split('\n') : [];
  t.strictSame(told.slice(0, 3), ['pruning: ConfigMap shop/m0: no', 'no', 'no …']);
  t.strictSame(told.slice(30), ['and 12 more, which are in the log']);
  t.equal(lines.length, 22);
  t.equal(lines[21], `pruning: ConfigMap shop/m21: ${'no\n'.repeat(5)}`);
});

t.test('what was spared is logged', async (t) => {
  const { lines, log } = logged();
  const spared = [{ ref: ref('a'), reason: 'is annotated helm.sh/resource-policy: keep' }];
  t.equal(deletionSettled({ outcome: 'deleted', objects: [], spared }, 'pruning', log), undefined);
  t.strictSame(lines, ['ConfigMap shop/a is not pruned: it is annotated helm.sh/resource-policy: keep']);
});

t.test('what went is logged as it goes, also while others are waited for', async (t) => {
  const { lines, log } = logged();
  const left: LeftObject[] = [{ ref: ref('b'), reason: 'it is being deleted' }];
  t.match(deletionSettled({ outcome: 'waiting', left, objects: [ref('a')] }, 'pruning', log), { outcome: 'running' });
  t.equal(deletionSettled({ outcome: 'deleted', objects: [ref('b')] }, 'pruning', log), undefined);
  t.strictSame(lines, ['ConfigMap shop/a deleted', 'ConfigMap shop/b deleted']);
});
