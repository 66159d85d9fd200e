import t from 'tap';
import { channel as channelSchema } from '../domain/channel.ts';
import { sampleRun } from './testing/sample-run.ts';
import { startServer } from './testing/server-under-test.ts';

t.test('reading takes a token, changing a role', async (t) => {
  const { call, store } = await startServer(t);
  const stranger = await call('/api/v1/runs');
  const who = 'who are you? Send "Authorization: Bearer TOKEN", or sign in at /login';
  t.match(stranger, { status: 401, body: { title: 'Unauthorized', detail: who } });
  t.equal(stranger.headers.get('www-authenticate'), 'Bearer');
  const expired = await call('/api/v1/runs', { headers: { authorization: 'Bearer guessed' } });
  t.match(expired, { status: 401, body: { detail: /^the token is not valid, or not any more/ } });
  const viewer = await call('/api/v1/runs/r1/cancel', { as: 'viewer', method: 'POST' });
  t.match(viewer, { status: 403, body: { detail: 'the viewer is viewer; this takes operator' } });
  for (const path of [
    '/registry/kubernetes-clusters',
    '/api/v1/audit',
    '/api/v1/deliveries',
    '/api/v1/channels',
    '/api/v1/me',
  ]) {
    t.equal((await call(path)).status, 401, path);
    t.equal((await call(path, { as: 'viewer' })).status, 200, path);
  }
  t.same(await store.audit.list(10), []);
});

t.test('a channel is held with a reason and resumed', async (t) => {
  const { call, store, asked } = await startServer(t);
  await store.channels.claim({
    repository: 'acme/config',
    channel: 'dev',
    branch: 'dev',
    runId: 'r1',
    sha: 'a'.repeat(40),
  });
  const post = (what: string, body: unknown, channel = 'dev') =>
    call(`/api/v1/channels/acme/config/${channel}/${what}`, { as: 'operator', method: 'POST', body });
  t.match(await post('hold', { reason: 'incident 12' }), {
    status: 200,
    body: { channel: 'dev', held: 'the operator: incident 12', liveRun: 'r1' },
  });
  t.match(await post('hold', { reason: ' ' }), {
    status: 400,
    body: { detail: 'body reason: say why, for those who wonder' },
  });
  t.match(await post('resume', {}), { status: 200, body: { held: undefined } });
  t.match(await post('roll-out', {}), { status: 201, body: { runId: 'r-new' } });
  t.match(await post('rollback', {}), { status: 201, body: { runId: 'r-new' } });
  t.same(asked, ['rollOut acme/config dev the operator', 'rollBack acme/config dev the operator']);
  const unknown = 'there is no channel beta of acme/config; known: dev of acme/config';
  t.match(await post('hold', { reason: 'x' }, 'beta'), { status: 404, body: { detail: unknown } });
  const actions = (await store.audit.list(10)).map(({ action, subject, detail }) => `${action} ${subject} ${detail}`);
  t.same(actions.sort(), [
    'channel.hold acme/config dev incident 12',
    'channel.resume acme/config dev the operator: incident 12',
    'channel.roll-out acme/config dev started r-new',
    'channel.rollback acme/config dev started r-new',
  ]);
  t.match((await call('/api/v1/channels', { as: 'viewer' })).body.items, [{ channel: 'dev' }]);
});

t.test('channels are listed in promotion order, as their newest rollouts knew it', async (t) => {
  const { call, store } = await startServer(t);
  const next = new Map([
    ['alpha', 'stable'],
    ['dev', 'alpha'],
    ['stable', undefined],
  ]);
  for (const [channel, to] of next) {
    const policy = channelSchema.parse({ channel, branch: channel, ...(to && { promotion: { to } }) });
    await store.channels.claim({
      repository: 'acme/config',
      channel,
      branch: channel,
      runId: `r-${channel}`,
      sha: 'a'.repeat(40),
    });
    await store.runs.create(sampleRun(`r-${channel}`, { kind: 'rollout', pullRequest: undefined, channel, policy }));
  }
  const { items } = (await call('/api/v1/channels', { as: 'viewer' })).body;
  t.same(
    items.map(({ channel, promotesTo }: { channel: string; promotesTo?: string }) => [channel, promotesTo]),
    [
      ['dev', 'alpha'],
      ['alpha', 'stable'],
      ['stable', undefined],
    ],
  );
  const unknown = await call('/api/v1/channels/acme/config/qa/resume', { as: 'operator', method: 'POST' });
  t.match(unknown.body.detail, /known: dev of acme\/config, alpha of acme\/config, stable of acme\/config$/);
});

t.test('deliveries are listed without what is in them', async (t) => {
  const { call, store } = await startServer(t);
  await store.deliveries.receive({ id: 'd1', event: 'push', payload: '{"private":1}', receivedAt: 5 });
  await store.deliveries.finish('d1', 'rolled out');
  const { body, text } = await call('/api/v1/deliveries', { as: 'viewer' });
  t.match(body.items, [{ id: 'd1', event: 'push', receivedAt: 5, result: 'rolled out' }]);
  t.notMatch(text, 'private');
});

t.test('load balancers and Prometheus ask without a token', async (t) => {
  const { call, store } = await startServer(t);
  t.equal((await call('/livez')).status, 200);
  t.equal((await call('/readyz')).status, 200);
  t.match((await call('/metrics')).text, /# TYPE fairway_runs_total counter/);
  await store.close();
  t.match(await call('/readyz'), { status: 503, body: { detail: /^the store does not answer: / } });
  t.equal((await call('/livez')).status, 200);
  const broken = await call('/api/v1/runs', { as: 'viewer' });
  t.match(broken, {
    status: 500,
    body: { detail: /^Fairway broke on this request; its log says more under the request id req-/ },
  });
});

t.test('which part is away, and since when, is told; without the queue the server is ready all the same', async (t) => {
  const redis = { away: false };
  const { call, store } = await startServer(t, {
    queue: async () => {
      if (redis.away) throw new Error('Redis is not connected');
    },
  });
  const answers = (part: string) => ({ part, state: 'answers' });
  t.strictSame((await call('/readyz')).body, { status: 'ready', parts: [answers('store'), answers('queue')] });
  redis.away = true;
  const first = await call('/readyz');
  t.match(first, {
    status: 200,
    body: { parts: [answers('store'), { part: 'queue', state: 'away', why: 'Redis is not connected' }] },
  });
  t.match(first.body.parts[1].since, /^\d{4}-\d\d-\d\dT/);
  t.strictSame((await call('/readyz')).body, first.body, 'since when stays');
  redis.away = false;
  t.strictSame((await call('/readyz')).body.parts[1], answers('queue'));
  await store.close();
  const away = await call('/readyz');
  t.match(away, { status: 503, body: { detail: /^the store does not answer: .* \(away since \d{4}-.*Z\)$/ } });
  t.equal((await call('/readyz')).body.detail, away.body.detail);
});

t.test('the API describes itself', async (t) => {
  const { call } = await startServer(t);
  const { body } = await call('/api/openapi.json');
  t.equal(body.openapi, '3.1.0');
  const paths = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  t.same(paths.sort(), [
    'get /api/v1/audit',
    'get /api/v1/channels',
    'get /api/v1/deliveries',
    'get /api/v1/me',
    'get /api/v1/runs',
    'get /api/v1/runs/{id}',
    'get /api/v1/runs/{id}/artifacts',
    'get /api/v1/runs/{id}/artifacts/{name}',
    'get /api/v1/runs/{id}/events',
    'get /api/v1/runs/{id}/log',
    'get /registry/infrastructure-accounts',
    'get /registry/kubernetes-clusters',
    'get /registry/kubernetes-clusters/{id}',
    'patch /registry/kubernetes-clusters/{id}',
    'post /api/v1/channels/{owner}/{name}/{channel}/hold',
    'post /api/v1/channels/{owner}/{name}/{channel}/resume',
    'post /api/v1/channels/{owner}/{name}/{channel}/roll-out',
    'post /api/v1/channels/{owner}/{name}/{channel}/roll-out-unproven',
    'post /api/v1/channels/{owner}/{name}/{channel}/rollback',
    'post /api/v1/runs/{id}/cancel',
    'post /api/v1/runs/{id}/retry',
    'put /registry/kubernetes-clusters/{id}',
    'put /registry/kubernetes-clusters/{id}/config-items/{key}',
  ]);
  const list = body.paths['/api/v1/runs'].get;
  t.match(list.parameters, [
    {
      name: 'kind',
      in: 'query',
      required: false,
      schema: { enum: ['pull-request', 'rollout', 'rollback', 'promotion', 'prove'] },
    },
  ]);
  t.match(list.responses['200'].content['application/json'].schema, { properties: { items: { type: 'array' } } });
});

t.test('what does not exist is said as a problem', async (t) => {
  const { call } = await startServer(t);
  t.match(await call('/nowhere?x=1'), { status: 404, body: { detail: 'there is no GET /nowhere' } });
  const broken = await call('/login', { method: 'POST', headers: { 'content-type': 'application/json' } });
  t.match(broken, { status: 400, body: { detail: /empty/ } });
});
