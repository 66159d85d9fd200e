import t from 'tap';
import { desiredObject } from './desired-object.ts';

const metadata = { name: 'it', namespace: 'default' };

t.test('what needs no change is the same object', async (t) => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } };
  t.equal(desiredObject(object).object, object);
  t.strictSame(desiredObject(object).leftOut, []);
});

t.test('what only the API server sets is left out, and told', async (t) => {
  const { object, leftOut, problems } = desiredObject({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...metadata,
      annotations: { mine: 'yes', 'deployment.kubernetes.io/revision': '3' },
      creationTimestamp: null,
      generation: 4,
      managedFields: [],
      resourceVersion: '12345',
      selfLink: '/x',
      uid: 'u',
    },
    spec: { replicas: 1 },
    status: {},
  });
  t.strictSame(object, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, annotations: { mine: 'yes' } },
    spec: { replicas: 1 },
  });
  t.strictSame(leftOut, [
    'metadata.creationTimestamp',
    'metadata.generation',
    'metadata.managedFields',
    'metadata.resourceVersion',
    'metadata.selfLink',
    'metadata.uid',
    'metadata.annotations["deployment.kubernetes.io/revision"]',
    'status',
  ]);
  t.strictSame(problems, []);
});

t.test('the status of a kind of others may be a field like others, and stays', async (t) => {
  const object = { apiVersion: 'example.org/v1', kind: 'Widget', metadata, status: { phase: 'on' } };
  t.equal(desiredObject(object).object, object);
});

t.test('an owner by uid is refused: the object would be deleted as an orphan', async (t) => {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'u' }];
  const { problems } = desiredObject({ apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, ownerReferences } });
  t.match(problems, [
    { field: 'metadata.ownerReferences', message: /^names ReplicaSet web-1 by a uid.*take ownerReferences out$/ },
  ]);
});

const secret = (fields: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata, ...fields });

t.test("a Secret's stringData goes into data, wins over it, and keeps every character", async (t) => {
  const { object } = desiredObject(
    secret({
      type: 'Opaque',
      data: { a: 'b2xk', b: 'a2VwdA==' },
      stringData: { a: 'new', umlaut: 'grün 🍀\n', none: null },
    }),
  );
  t.strictSame(object, {
    ...secret({ type: 'Opaque' }),
    data: { a: 'bmV3', b: 'a2VwdA==', umlaut: Buffer.from('grün 🍀\n').toString('base64'), none: '' },
  });
  t.strictSame(desiredObject(secret({ stringData: null })).object, { ...secret({}), data: {} });
});

t.test('a number in stringData is refused without being shown', async (t) => {
  t.strictSame(desiredObject(secret({ stringData: { pin: 1234, on: true } })).problems, [
    { field: 'stringData.pin', message: 'is a number and must be a text; put it in quotes' },
    { field: 'stringData.on', message: 'is a boolean and must be a text; put it in quotes' },
  ]);
});
