import t from 'tap';
import { sampleRun } from './testing/sample-run.ts';
import { startServer } from './testing/server-under-test.ts';

const viewer = { as: 'viewer' } as const;
const operator = { as: 'operator' } as const;

t.test('runs are listed newest first, by what is asked for', async (t) => {
  const { store, call } = await startServer(t);
  await store.runs.create(sampleRun('r1'));
  await store.runs.create(sampleRun('r2', { channel: 'alpha', status: 'succeeded', createdAt: Date.now() }));
  const ids = async (query: string) => {
    const { body } = await call(`/api/v1/runs${query}`, viewer);
    return body.items.map((run: { id: string }) => run.id);
  };
  t.same(await ids(''), ['r2', 'r1']);
  t.same(await ids('?channel=dev&pullRequest=7'), ['r1']);
  t.same(await ids('?live=true'), ['r1']);
  t.same(await ids('?live=false'), ['r2', 'r1']);
  t.same(await ids('?kind=rollout'), []);
  t.same(await ids('?limit=1'), ['r2']);
  const refused = await call('/api/v1/runs?limit=many', viewer);
  t.match(refused, { status: 400, body: { detail: /^query parameter limit: .*number/ } });
});

t.test('a run shows its stages and steps, but not what only the engine needs', async (t) => {
  const { store, call } = await startServer(t);
  await store.runs.create(sampleRun('r1'));
  const { status, body, text } = await call('/api/v1/runs/r1', viewer);
  t.equal(status, 200);
  t.match(body, {
    id: 'r1',
    status: 'running',
    stages: [{ name: 'render' }, { steps: [{ progress: '12 of 25 specs' }] }, {}],
  });
  t.notMatch(text, /4711|memo|wakeAt|evidenceKey/);
  const missing = await call('/api/v1/runs/r9', viewer);
  t.match(missing, { status: 404, body: { title: 'Not Found', detail: 'there is no run r9' } });
  t.match(missing.headers.get('content-type'), 'application/problem+json');
});

t.test("a run's log is read piece by piece", async (t) => {
  const { store, call } = await startServer(t);
  await store.runs.create(sampleRun('r1'));
  await store.runs.appendLog(
    'r1',
    [1, 2, 3].map((at) => ({ at, stage: 'render', text: `line ${at}` })),
  );
  const first = await call('/api/v1/runs/r1/log?limit=2', viewer);
  t.match(first.body.items, [{ sequence: 1, text: 'line 1' }, { sequence: 2 }]);
  t.match((await call('/api/v1/runs/r1/log?after=2', viewer)).body.items, [{ text: 'line 3' }]);
  t.equal((await call('/api/v1/runs/r9/log', viewer)).status, 404);
});

t.test('an operator ends a run once, and it is written down', async (t) => {
  const { store, call, woken } = await startServer(t);
  await store.runs.create(sampleRun('r1'));
  const cancel = { ...operator, method: 'POST', body: { reason: 'too slow' } };
  const done = await call('/api/v1/runs/r1/cancel', cancel);
  t.match(done, { status: 202, body: { cancelReason: 'cancelled by the operator: too slow' } });
  t.same(woken, [{ wake: 'run', id: 'r1' }]);
  const entry = { actor: 'the operator', action: 'run.cancel', subject: 'r1', detail: 'too slow' };
  t.match((await call('/api/v1/audit', viewer)).body.items, [entry]);
  const again = await call('/api/v1/runs/r1/cancel', { ...operator, method: 'POST' });
  const already = 'the run r1 is ending already: cancelled by the operator: too slow';
  t.match(again, { status: 409, body: { detail: already } });
  await store.runs.create(sampleRun('r2', { status: 'failed' }));
  const late = await call('/api/v1/runs/r2/cancel', { ...operator, method: 'POST' });
  t.match(late, { status: 409, body: { detail: 'the run r2 is finished: it failed' } });
  t.equal((await store.audit.list(10)).length, 1);
});

t.test('a finished run is done again by the engine, or why not is said', async (t) => {
  const { store, call, asked, answer } = await startServer(t);
  await store.runs.create(sampleRun('r1', { status: 'failed' }));
  const retry = (id: string) => call(`/api/v1/runs/${id}/retry`, { ...operator, method: 'POST' });
  t.match(await retry('r1'), { status: 201, body: { runId: 'r-new' } });
  t.same(asked, ['retry r1 the operator']);
  answer.next = { outcome: 'refused', reason: 'the pull request #7 is closed' };
  t.match(await retry('r1'), { status: 409, body: { detail: 'the pull request #7 is closed' } });
  await store.runs.create(sampleRun('r2'));
  t.match(await retry('r2'), { status: 409, body: { detail: 'the run r2 is not finished; cancel it first' } });
  t.match(await store.audit.list(10), [{ action: 'run.retry', subject: 'r1', detail: 'started r-new' }]);
});

t.test('artifacts are handed out so that a browser takes none for a page of ours', async (t) => {
  const { store, artifacts, call } = await startServer(t);
  await store.runs.create(sampleRun('r1'));
  await artifacts.put('r1', 'diff.md', '## Änderung\n');
  await artifacts.put('r1', 'evil.html', '<script>alert(1)</script>');
  t.same((await call('/api/v1/runs/r1/artifacts', viewer)).body.items, [
    { name: 'diff.md', bytes: 13 },
    { name: 'evil.html', bytes: 25 },
  ]);
  const diff = await call('/api/v1/runs/r1/artifacts/diff.md', viewer);
  t.equal(diff.text, '## Änderung\n');
  t.equal(diff.headers.get('content-type'), 'text/markdown; charset=utf-8');
  const page = await call('/api/v1/runs/r1/artifacts/evil.html', viewer);
  t.equal(page.headers.get('content-type'), 'application/octet-stream');
  t.match(page.headers.get('content-security-policy'), 'sandbox');
  const missing = await call('/api/v1/runs/r1/artifacts/none.log', viewer);
  t.match(missing, { status: 404, body: { detail: 'the run r1 has no artifact none.log' } });
  const outside = await call('/api/v1/runs/r1/artifacts/..%2F..%2Fstore.sqlite', viewer);
  t.match(outside, { status: 400, body: { detail: '"../../store.sqlite" is no artifact\'s name' } });
});
