import t from 'tap';
import { cluster } from '../domain/cluster.ts';
import { startServer } from './testing/server-under-test.ts';

const id = 'aws:123456789012:eu-central-1:kube-1';
const path = `/registry/kubernetes-clusters/${id}`;
const one = {
  id,
  alias: 'kube-1',
  local_id: 'kube-1',
  api_server_url: 'https://kube-1.example.org',
  channel: 'dev',
  provider: 'zalando-aws',
  region: 'eu-central-1',
  infrastructure_account: 'aws:123456789012',
  account_name: 'test',
  owner: 'team-a',
  created_at: '2026-01-02T00:00:00Z',
};
const administrator = { as: 'administrator', method: 'PUT' } as const;
const operator = { as: 'operator', method: 'PATCH' } as const;

t.test('a cluster is registered, read by an id with colons, and complete whatever was left out', async (t) => {
  const { call, store } = await startServer(t);
  const put = await call(path, { ...administrator, body: one });
  t.equal(put.status, 200);
  t.match(put.headers.get('content-type'), /^application\/json/);
  const { status, body } = await call(path, { as: 'viewer' });
  t.equal(status, 200);
  t.strictSame(body, cluster.parse(one));
  t.equal((await call(path.replaceAll(':', '%3A'), { as: 'viewer' })).body.id, id);
  t.match(await store.audit.list(1), [{ actor: 'the administrator', action: 'cluster.created', subject: id }]);
  const other = await call(path, { ...administrator, body: { ...one, id: 'x' } });
  t.match(other, { status: 400, body: { detail: `the body's id is x, the path's ${id}` } });
  const incomplete = await call(path, {
    ...administrator,
    body: { ...one, channel: undefined, config_items: { a: 1 } },
  });
  t.match(incomplete, { status: 400, body: { detail: /body channel: .*; body config_items.a: .*string/ } });
});

t.test('a patch answers exactly 200 and replaces the status whole', async (t) => {
  const { call } = await startServer(t);
  await call(path, { ...administrator, body: one });
  const full = { current_version: 'V1', next_version: 'V2', last_version: 'V0', problems: [{ type: 't', title: 'T' }] };
  await call(path, { ...operator, body: { lifecycle_status: 'requested', status: full } });
  const done = await call(path, {
    ...operator,
    body: { lifecycle_status: 'ready', status: { current_version: 'V2', last_version: 'V1' } },
  });
  t.equal(done.status, 200);
  t.match(done.body, { lifecycle_status: 'ready', channel: 'dev' });
  t.strictSame(done.body.status, { current_version: 'V2', next_version: '', last_version: 'V1', problems: [] });
  t.strictSame((await call(path, { as: 'viewer' })).body, done.body);
  const missing = await call('/registry/kubernetes-clusters/aws:1:x:y', { ...operator, body: {} });
  t.match(missing, { status: 404, body: { detail: 'there is no cluster aws:1:x:y in the registry' } });
  const wrong = await call(path, { ...operator, body: { lifecycle_status: 'gone' } });
  t.match(wrong, { status: 400, body: { detail: /^body lifecycle_status: / } });
  t.equal((await call(path, { ...operator, as: 'viewer', body: {} })).status, 403);
});

t.test('registering a cluster again changes what is said, and keeps what only its rollouts know', async (t) => {
  const { call } = await startServer(t);
  await call(path, { ...administrator, body: { ...one, lifecycle_status: 'requested' } });
  const status = { current_version: 'V1', next_version: '', last_version: '', problems: [] };
  await call(path, { ...operator, body: { lifecycle_status: 'ready', status } });
  const { created_at: _created, ...said } = one;
  const again = await call(path, { ...administrator, body: { ...said, config_items: { size: 'big' } } });
  t.match(again.body, { created_at: one.created_at, lifecycle_status: 'ready', config_items: { size: 'big' } });
  t.strictSame(again.body.status, status);
  const { body } = await call(path, { ...administrator, body: { ...said, lifecycle_status: 'decommissioned' } });
  t.match(body, { lifecycle_status: 'decommissioned', config_items: {} });
});

t.test('clusters are listed oldest first, and none of them stops the reader', async (t) => {
  const { call, store } = await startServer(t);
  const local = {
    ...one,
    id: 'local:dev',
    infrastructure_account: 'local',
    account_name: '',
    api_server_url: 'https://localhost:6443/a',
  };
  await store.clusters.put(
    cluster.parse({ ...local, created_at: '2026-02-01T00:00:00Z', node_pools: [{ name: 'p', profile: 'worker' }] }),
  );
  await store.clusters.put(cluster.parse(one));
  const { body } = await call('/registry/kubernetes-clusters', { as: 'viewer' });
  t.same(
    body.items.map((item: { id: string }) => item.id),
    [id, 'local:dev'],
  );
  t.match(body.items[1], {
    api_server_url: 'https://localhost.:6443/a',
    node_pools: [{ instance_types: ['none'], min_size: 0 }],
  });
  const found = await call('/registry/kubernetes-clusters?alias=kube-1&provider=zalando-aws&region=nowhere', {
    as: 'viewer',
  });
  t.same(found.body, { items: [] });
});

t.test('accounts are those of the clusters', async (t) => {
  const { call } = await startServer(t);
  await call(path, { ...administrator, body: one });
  const account = {
    id: 'aws:123456789012',
    type: 'aws',
    external_id: '123456789012',
    name: 'test',
    owner: 'team-a',
    environment: 'production',
    lifecycle_status: 'ready',
  };
  const ready = await call('/registry/infrastructure-accounts?lifecycle_status=ready', { as: 'viewer' });
  t.strictSame(ready.body, { items: [account] });
  t.same((await call('/registry/infrastructure-accounts?lifecycle_status=gone', { as: 'viewer' })).body, { items: [] });
});

t.test('a config item is set by itself', async (t) => {
  const { call, store } = await startServer(t);
  await call(path, { ...administrator, body: { ...one, config_items: { a: '1' } } });
  const set = await call(`${path}/config-items/b`, { as: 'operator', method: 'PUT', body: { value: 'secret?' } });
  t.match(set, { status: 200, body: { value: 'secret?' } });
  t.same((await store.clusters.get(id))?.config_items, { a: '1', b: 'secret?' });
  const entries = await store.audit.list(5);
  t.match(
    entries.find(({ action }) => action === 'cluster.config-item'),
    { detail: 'b' },
    'without its value',
  );
});
