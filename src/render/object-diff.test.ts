import t from 'tap';
import { diffFields } from './object-diff.ts';

t.test('fields are named as people read them, items of lists by their names', async (t) => {
  const before = {
    spec: {
      replicas: 1,
      containers: [
        { name: 'web', image: 'a:1', ports: [{ containerPort: 80 }] },
        { name: 'side', image: 'b:1' },
      ],
    },
  };
  const after = {
    spec: {
      replicas: 2,
      containers: [
        { name: 'init', image: 'c:1' },
        { name: 'web', image: 'a:2', ports: [{ containerPort: 80, name: 'http' }] },
      ],
    },
  };
  t.strictSame(diffFields(before, after), [
    { path: 'spec.replicas', before: 1, after: 2 },
    { path: 'spec.containers[init]', before: undefined, after: { name: 'init', image: 'c:1' } },
    { path: 'spec.containers[web].image', before: 'a:1', after: 'a:2' },
    { path: 'spec.containers[web].ports[80].name', before: undefined, after: 'http' },
    { path: 'spec.containers[side]', before: { name: 'side', image: 'b:1' }, after: undefined },
  ]);
});

t.test('lists of words tell what came and what went', async (t) => {
  const before = { args: ['--v=1', '--leader-elect', '--x'] };
  const after = { args: ['--v=2', '--leader-elect'] };
  t.strictSame(diffFields(before, after), [
    { path: 'args[]', before: '--v=1', after: '--v=2' },
    { path: 'args[]', before: '--x', after: undefined },
  ]);
  t.strictSame(diffFields({ a: ['x', 'y'] }, { a: ['y', 'x'] }), [
    { path: 'a (order)', before: ['x', 'y'], after: ['y', 'x'] },
  ]);
});

t.test('an order that matters is told, the order of keys is not', async (t) => {
  const [a, b] = [{ name: 'a' }, { name: 'b' }];
  t.strictSame(diffFields({ initContainers: [a, b] }, { initContainers: [b, a] }), [
    { path: 'initContainers (order)', before: ['a', 'b'], after: ['b', 'a'] },
  ]);
  t.strictSame(diffFields({ x: 1, y: { a: 1, b: 2 } }, { y: { b: 2, a: 1 }, x: 1 }), []);
});

t.test('keys with other characters are quoted, kinds of values that change are told whole', async (t) => {
  t.strictSame(diffFields({ annotations: { 'a.b/c': '1' } }, { annotations: { 'a.b/c': '2' } }), [
    { path: 'annotations["a.b/c"]', before: '1', after: '2' },
  ]);
  t.strictSame(diffFields({ a: { b: 1 } }, { a: [1] }), [{ path: 'a', before: { b: 1 }, after: [1] }]);
  t.strictSame(diffFields({ a: null }, {}), [{ path: 'a', before: null, after: undefined }]);
});
