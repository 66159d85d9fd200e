import { Webhooks } from '@octokit/webhooks';
import { test } from 'tap';
import { ForgeUnderTest } from './testing/forge-under-test.ts';
import { WebhookReceiver } from './testing/webhook-receiver.ts';

const SECRET = 'a webhook secret of the tests';
const status = (context: string) => ({ state: 'success', context });

async function started(
  t: Parameters<typeof ForgeUnderTest.start>[0],
  options: Parameters<typeof ForgeUnderTest.start>[1] = {},
) {
  const at = await ForgeUnderTest.start(t, options);
  const receiver = await WebhookReceiver.start(t);
  const hook = {
    config: { url: receiver.url, content_type: 'json', secret: SECRET },
    events: ['status', 'check_run', 'pull_request'],
  };
  const { body } = await at.repo('POST', '/hooks', hook);
  await receiver.wait('ping');
  return { at, receiver, id: body.id as number, sha: await at.bare('rev-parse', 'dev') };
}

/** Asks until the answer is as wanted; the forge writes a delivery down only after its receiver has answered. */
async function eventually<Value>(ask: () => Promise<Value>, wanted: (value: Value) => boolean): Promise<Value> {
  const deadline = AbortSignal.timeout(20_000);
  for (;;) {
    const value = await ask();
    if (wanted(value)) return value;
    deadline.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a delivery that its receiver refuses is sent again, with the same id, until it is taken', async (t) => {
  const { at, receiver, sha } = await started(t, { retryDelaysMs: [1, 1, 1] });
  receiver.answers.push(500, 503);
  await at.repo('POST', `/statuses/${sha}`, status('one'));
  const tries = await receiver.wait('status', { count: 3 });
  t.equal(new Set(tries.map(({ guid }) => guid)).size, 1);
  t.equal(new Set(tries.map(({ raw }) => raw)).size, 1);
});

test('without retries a failed delivery is kept and can be sent again by hand', async (t) => {
  const { at, receiver, id, sha } = await started(t, { retryDelaysMs: [] });
  receiver.answers.push(500);
  await at.repo('POST', `/statuses/${sha}`, status('one'));
  const path = `/hooks/${id}/deliveries`;
  const list = async () => (await at.repo('GET', path)).body;
  const [failed] = await eventually(list, (deliveries) => deliveries[0]?.event === 'status');
  t.match(failed, { event: 'status', status: 'Invalid HTTP Response: 500', status_code: 500, redelivery: false });
  const details = await at.repo('GET', `${path}/${failed.id}`);
  t.match(details.body, {
    request: { headers: { 'x-github-delivery': failed.guid, 'x-github-event': 'status' }, payload: { context: 'one' } },
    response: { payload: 'noted' },
  });

  t.equal((await at.repo('POST', `${path}/${failed.id}/attempts`)).status, 202);
  const [first, second] = await receiver.wait('status', { count: 2 });
  t.equal(second?.guid, first?.guid);
  t.ok(await new Webhooks({ secret: SECRET }).verify(second?.raw ?? '', second?.signature ?? ''));
  t.notOk(await new Webhooks({ secret: 'another' }).verify(second?.raw ?? '', second?.signature ?? ''));
  const [again] = await eventually(list, (deliveries) => deliveries[0]?.redelivery === true);
  t.match(again, { status: 'OK', status_code: 200, guid: failed.guid });
});

test('deliveries are listed page by page', async (t) => {
  const { at, receiver, id, sha } = await started(t);
  for (const context of ['a', 'b', 'c']) await at.repo('POST', `/statuses/${sha}`, status(context));
  await receiver.wait('status', { count: 3 });
  const all = () => at.repo('GET', `/hooks/${id}/deliveries`);
  await eventually(all, ({ body }) => body.length === 4);
  const first = await at.repo('GET', `/hooks/${id}/deliveries?per_page=2`);
  t.equal(first.body.length, 2);
  const cursor = /cursor=(\d+)/.exec(first.headers.get('link') ?? '')?.[1];
  const second = await at.repo('GET', `/hooks/${id}/deliveries?per_page=2&cursor=${cursor}`);
  t.equal(second.body.length, 2);
  t.equal(second.headers.get('link'), null);
});

test('a receiver that never answers is given up after the deadline and does not hold up others', async (t) => {
  const { at, receiver, id, sha } = await started(t, { webhookTimeoutMs: 100, retryDelaysMs: [] });
  receiver.silent = true;
  await at.repo('POST', `/statuses/${sha}`, status('one'));
  const list = async () => (await at.repo('GET', `/hooks/${id}/deliveries`)).body;
  const [lost] = await eventually(list, (deliveries) => deliveries[0]?.event === 'status');
  t.match(lost, { status: 'timed out', status_code: 0 });
  receiver.silent = false;
  await at.repo('POST', `/statuses/${sha}`, status('two'));
  t.match((await receiver.wait('status', { count: 2 }))[1]?.payload, { context: 'two' });
});

test('a check run can be asked for again', async (t) => {
  const { at, receiver } = await started(t);
  const { sha } = await at.openPull(await at.clone(), 'a', { 'a.yaml': 'a\n' });
  const { body: check } = await at.repo('POST', '/check-runs', {
    name: 'conformance',
    head_sha: sha,
    external_id: 'run-1',
    conclusion: 'failure',
  });
  t.equal((await at.repo('POST', `/check-runs/${check.id}/rerequest`)).status, 201);
  const [asked] = await receiver.wait('check_run', { action: 'rerequested' });
  t.match(asked?.payload, {
    check_run: { external_id: 'run-1', head_sha: sha, pull_requests: [{ number: 1 }] },
    sender: { login: 'olga' },
  });
});

test('closing, reopening and editing a pull request are told', async (t) => {
  const { at, receiver } = await started(t);
  await at.openPull(await at.clone(), 'a', { 'a.yaml': 'a\n' });
  await at.repo('PATCH', '/pulls/1', { title: 'Better', body: 'Why' });
  await at.repo('PATCH', '/pulls/1', { state: 'closed' });
  await at.repo('PATCH', '/pulls/1', { state: 'open' });
  const [edited] = await receiver.wait('pull_request', { action: 'edited' });
  t.match(edited?.payload, {
    changes: { title: { from: 'Change a' } },
    pull_request: { title: 'Better', body: 'Why' },
  });
  const [closed] = await receiver.wait('pull_request', { action: 'closed' });
  t.match(closed?.payload, { pull_request: { merged: false, state: 'closed' } });
  const [reopened] = await receiver.wait('pull_request', { action: 'reopened' });
  t.match(reopened?.payload, { pull_request: { state: 'open' } });
});

test('a hook is pinged, tested, changed, switched off and deleted, and never shows its secret', async (t) => {
  const { at, receiver, id, sha } = await started(t);
  t.match((await at.repo('GET', `/hooks/${id}`)).body, {
    active: true,
    config: { secret: '********', content_type: 'json' },
  });
  await at.repo('POST', `/hooks/${id}/pings`);
  await receiver.wait('ping', { count: 2 });
  await at.repo('POST', `/hooks/${id}/tests`);
  t.match((await receiver.wait('push'))[0]?.payload, { ref: 'refs/heads/dev', after: sha });
  const changed = await at.repo('PATCH', `/hooks/${id}`, {
    active: false,
    add_events: ['push'],
    remove_events: ['status'],
  });
  t.match(changed.body, { active: false, events: ['check_run', 'pull_request', 'push'] });
  const twin = await at.repo('POST', '/hooks', { config: { url: receiver.url } });
  t.match(twin, { status: 422, body: { errors: [{ message: 'Hook already exists on this repository' }] } });
  t.equal((await at.repo('DELETE', `/hooks/${id}`)).status, 204);
  t.strictSame((await at.repo('GET', '/hooks')).body, []);
});
