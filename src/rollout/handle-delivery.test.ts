import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { FairwayError } from '../domain/errors.ts';
import { catchUpDeliveries } from './catch-up-deliveries.ts';
import { concludeRun } from './conclude-run.ts';
import { handleDelivery } from './handle-delivery.ts';
import { PlanningUnderTest } from './testing/planning-under-test.ts';

const change = { 'cluster/manifests/web/web.yaml': 'kind: A\n' };
const said = (runs: { status: string; cancelReason: string | undefined }[]) =>
  runs.map(({ status, cancelReason }) => cancelReason ?? status);

t.test('closing a pull request ends its run, whoever closes it', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  await at.forge.forge.createUser('wim', 'read');
  await at.forge.repo('PATCH', `/pulls/${number}`, { state: 'closed' });
  t.equal(await at.pullRequest('closed', number, 'wim'), '#1 is closed; 1 runs cancelled');
  t.same(said(await at.runs(number)), ['the pull request was closed']);
});

t.test('a "closed" that arrives after the pull request was opened again ends nothing', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  await at.pullRequest('reopened', number);
  await at.pullRequest('closed', number);
  t.same(said(await at.runs(number)), ['queued']);
});

t.test('a pull request that is opened again at the same head gets a run again', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  await at.forge.repo('PATCH', `/pulls/${number}`, { state: 'closed' });
  await at.pullRequest('closed', number);
  await at.forge.repo('PATCH', `/pulls/${number}`, { state: 'open' });
  for (let twice = 0; twice < 2; twice++) await at.pullRequest('reopened', number);
  t.same(said(await at.runs(number)), ['queued', 'the pull request was closed']);
});

t.test('a head that is pushed back to what was superseded is proven', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number, sha } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  const newer = await at.push('a', { 'cluster/manifests/web/web.yaml': 'kind: B\n' });
  await at.headIs(number, newer);
  await at.pullRequest('synchronize', number);
  t.same(said(await at.runs(number)), ['queued', `superseded by ${newer.slice(0, 8)}`]);
  await at.clone.git('reset', '--quiet', '--hard', sha);
  await at.clone.git('push', '--quiet', '--force', 'origin', 'a');
  await at.headIs(number, sha);
  for (let twice = 0; twice < 2; twice++) await at.pullRequest('synchronize', number);
  const [newest, second, first] = await at.runs(number);
  t.match(newest, { status: 'queued', headSha: sha, cancelReason: undefined });
  t.equal(second?.cancelReason, `superseded by ${sha.slice(0, 8)}`);
  t.equal(first?.cancelReason, `superseded by ${newer.slice(0, 8)}`);
});

t.test('a run that someone cancelled is not begun again by itself', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  t.equal(await at.comment('/cancel', number, 'wim'), '1 runs cancelled');
  await at.pullRequest('labeled', number);
  await at.catchUp(t);
  t.same(said(await at.runs(number)), ['wim commented /cancel']);
});

t.test('a repeated proof is not ended by news about the same head', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  const [first] = await at.runs(number);
  if (first) await at.end(first, 'failed', 'render: flaky');
  await sleep(2);
  await at.comment('/retest', number, 'wim');
  await at.pullRequest('labeled', number);
  await at.catchUp(t);
  t.same(said(await at.runs(number)), ['queued', 'failed']);
});

t.test('the author may ask for a proof of trusted code, and for nothing of code that is not trusted', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', change);
  await at.forge.forge.createUser('wim', 'read');
  await at.pullRequest('opened', number);
  t.match(await at.runs(number), [
    {
      status: 'unknown',
      reason: /^wim's code runs only after someone with write access has commented \/ok-to-test [0-9a-f]{40}$/,
    },
  ]);
  t.equal(
    await at.comment('/test', number, 'wim'),
    'ignored: wim has no write access, and the code is not trusted yet',
  );
  t.equal(await at.comment('/ok-to-test', number, 'wim'), 'ignored: wim has no write access');
  t.equal(await at.comment('/test', number, 'rita'), 'ignored: rita has no write access');
  const later = Date.now() + 10_000;
  t.match(await at.comment('/ok-to-test', number, 'olga', later), /^run pr-1-\w+ for #1 at /);
  const [trusted] = await at.runs(number);
  if (trusted) await at.end(trusted, 'failed', 'flaky');
  t.match(await at.comment('/retest', number, 'wim'), /^run pr-1-\w+ for #1 at /);
  t.equal(await at.comment('/cancel', number, 'rita'), 'ignored: rita has no write access');
  t.equal(await at.comment('/cancel', number, 'wim'), '1 runs cancelled');
});

t.test('what was pushed after /ok-to-test was written is not trusted', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', change);
  await at.forge.forge.createUser('wim', 'read');
  await at.pullRequest('opened', number);
  const seen = Date.now();
  await at.forge.forge.createUser('wim', 'write');
  const pushed = await at.push('a', { 'cluster/manifests/web/web.yaml': 'kind: Miner\n' });
  await at.forge.forge.createUser('wim', 'read');
  await at.headIs(number, pushed);
  const refusal = `ignored: the head is ${pushed}, which may have been pushed after the comment was written; when you have looked at it, comment /ok-to-test ${pushed}`;
  t.equal(await at.comment('/ok-to-test', number, 'olga', seen), refusal, 'before Fairway knew of the push');
  await at.pullRequest('synchronize', number);
  for (const moment of [seen, Date.now()])
    t.equal(await at.comment('/ok-to-test', number, 'olga', moment), refusal, 'and after, whatever the clocks say');
  t.notOk((await at.runs(number)).some(({ status }) => status === 'queued'));
  const { body } = await at.forge.repo('GET', `/issues/${number}/comments`);
  t.match(body.at(-1)?.body, /may have been pushed after the comment was written/, 'the pull request says it too');
});

t.test('/ok-to-test that names the commit trusts this commit and no other', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number, sha } = await at.openPull('a', change);
  await at.forge.forge.createUser('wim', 'read');
  await at.pullRequest('opened', number);
  const other = 'ab'.repeat(20);
  t.match(
    await at.comment(`/ok-to-test ${other}`, number, 'olga'),
    `ignored: the head is ${sha}, which is not ${other}`,
  );
  t.notOk((await at.runs(number)).some(({ status }) => status === 'queued'));
  t.match(await at.comment(`/ok-to-test ${sha}`, number, 'olga'), /^run pr-1-\w+ for #1 at /);
  t.match((await at.runs(number))[0], { headSha: sha, status: 'queued' });
});

t.test('a branch without a common history, and one with a conflict, are told what is wrong', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number: conflicting } = await at.openPull('conflict', { 'README.md': 'theirs\n' });
  await at.push('dev', { 'README.md': 'ours\n' });
  await at.pullRequest('opened', conflicting);
  t.match(await at.runs(conflicting), [
    { status: 'failed', reason: "conflict can't be merged into dev: conflicts in README.md" },
  ]);
  const { number: orphan } = await at.openPull('orphan', change);
  await at.clone.git('checkout', '--quiet', '--orphan', 'elsewhere');
  await at.clone.git('commit', '--quiet', '-m', 'another beginning');
  await at.clone.git('push', '--quiet', '--force', 'origin', 'elsewhere:orphan');
  await at.headIs(orphan, await at.clone.git('rev-parse', 'elsewhere'));
  await at.pullRequest('synchronize', orphan);
  t.match(await at.runs(orphan), [
    { status: 'failed', reason: "orphan and dev have no common history, so they can't be merged" },
  ]);
});

t.test('rules of the base that are not valid are named with file, line and field', async (t) => {
  const at = await PlanningUnderTest.start(t);
  await at.push('dev', {
    'channels/dev.yaml': 'channel: dev\nbranch: dev\nrollout:\n  failureBudget: lots\n',
    'pipelines/pull-request.yaml':
      'pipeline: pull-request\non: {pullRequest: {branches: [dev]}}\nstages:\n  - {stage: render, steps: [{rendr: {}}]}\n',
  });
  const { number } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  const [run] = await at.runs(number);
  t.equal(run?.status, 'errored');
  t.match(run?.reason, /^the rules of dev are not valid:\nchannels\/dev\.yaml:4: rollout\.failureBudget: .*number/);
  t.match(
    run?.reason,
    /\npipelines\/pull-request\.yaml:4: stages\[0\]\.steps\[0\]: a step is one of .*; found "rendr"/,
  );
  t.match(
    await at.deliver('push', 'wim', { ref: 'refs/heads/dev', deleted: false }),
    /^refused: dev is not rolled out, its rules are not valid:\nchannels\/dev\.yaml:4: rollout\.failureBudget/,
  );
});

t.test('a branch that belongs to no channel is left alone, and why is said', async (t) => {
  const at = await PlanningUnderTest.start(t);
  await at.push('a', change);
  t.equal(await at.deliver('push', 'wim', { ref: 'refs/heads/a', deleted: false }), 'no channel has the branch a');
  t.equal(
    await at.deliver('push', 'wim', { ref: 'refs/heads/gone', deleted: false }),
    'the branch gone is not there any more',
  );
  await at.push('b', { ...change, 'b.yaml': 'b: 1\n' });
  const { body } = await at.forge.repo('POST', '/pulls', { title: 'b', head: 'b', base: 'a' });
  t.equal(await at.pullRequest('opened', body.number), `#${body.number}: no channel has the branch a`);
});

t.test(
  'a delivery that breaks us is tried for a while and then given up; a forge that is away is waited for, not for ever',
  async (t) => {
    const at = await PlanningUnderTest.start(t);
    const deliveries = new Map([
      ['just now', 0],
      ['an hour ago', 3_600_000],
      ['a week ago', 7 * 24 * 3_600_000],
    ]);
    for (const [id, age] of deliveries)
      await at.store.deliveries.receive({ id, event: 'push', payload: '{}', receivedAt: Date.now() - age });
    const meet = (id: string, error: Error) =>
      handleDelivery(
        at.planning,
        id,
        () => {
          throw error;
        },
        AbortSignal.timeout(1_000),
      );
    const unfinished = async () =>
      (await at.store.deliveries.recent(10))
        .filter(({ result }) => result === undefined)
        .map(({ id }) => id)
        .sort();
    for (const id of deliveries.keys()) await t.rejects(meet(id, new FairwayError('unavailable', 'the forge is away')));
    t.strictSame(await unfinished(), ['an hour ago', 'just now']);
    t.strictSame(await at.store.deliveries.pending(10), [], 'and none is tried again at once');
    for (const id of ['an hour ago', 'just now'])
      await t.rejects(meet(id, new TypeError('x is undefined')), 'it is logged');
    t.strictSame(await unfinished(), ['just now']);
    const all = await at.store.deliveries.recent(10);
    t.equal(all.find(({ id }) => id === 'an hour ago')?.result, 'given up: x is undefined');
    t.equal(all.find(({ id }) => id === 'a week ago')?.result, 'given up: the forge is away');
  },
);

t.test('what was left out of a proof is said again wherever the proof is used again', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number: first } = await at.openPull('a', change);
  await at.pullRequest('opened', first);
  const [run] = await at.runs(first);
  if (!run) throw new Error('there is no run');
  const stages = run.stages.map((stage) => ({
    ...stage,
    steps: stage.steps.map((step) => ({ ...step, output: { leftOut: ['the health of Pod web: no nodes'] } })),
  }));
  await concludeRun(at.planning, { ...run, status: 'succeeded', stages }, AbortSignal.timeout(10_000));
  const { number: second } = await at.openPull('b', change);
  await at.pullRequest('opened', second);
  t.match(await at.runs(second), [
    {
      status: 'succeeded',
      reusedFrom: run.id,
      reason: `the same change to the same base was proven by run ${run.id}, but for what was left out there: the health of Pod web: no nodes`,
    },
  ]);
});

t.test('a payload that names what nothing can take is ignored with the reason, at once', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const payloads: [string, object, RegExp][] = [
    ['push', { ref: 'refs/heads/a\0b', deleted: false }, /ref: expected a name without control characters/],
    ['pull_request', { action: 'opened', number: 4_000_000_000 }, /number: Too big/],
    [
      'pull_request',
      { action: 'opened', number: 1, sender: { login: 'a\nb', type: 'User' } },
      /sender\.login: expected a name/,
    ],
    ['pull_request', { action: 'opened', number: 1, repository: { full_name: 'a\0/b' } }, /full_name: expected a name/],
  ];
  for (const [event, payload, result] of payloads) t.match(await at.deliver(event, 'wim', payload), result);
});

t.test('a delivery that the forge can not give back does not keep the later ones away', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const sentAt = Date.now() - 60_000;
  const sent = [
    {
      id: 'lost',
      event: 'push',
      sentAt,
      payload: async () => Promise.reject(new FairwayError('missing', 'it is gone')),
    },
    { id: 'odd', event: 'push', sentAt, payload: async () => Promise.reject(new RangeError('too deep')) },
    { id: 'good', event: 'ping', sentAt: sentAt + 1, payload: async () => '{}' },
  ];
  const forge = { ...at.planning.forge, sentDeliveries: async () => sent };
  await catchUpDeliveries({ ...at.planning, forge }, 'acme/config', 'http://127.0.0.1:9/webhooks/github');
  const results = Object.fromEntries((await at.store.deliveries.recent(10)).map(({ id, result }) => [id, result]));
  t.strictSame(results, {
    lost: 'the forge does not give it back: it is gone',
    odd: 'the forge does not give it back: too deep',
    good: undefined,
  });
  t.strictSame(
    (await at.store.deliveries.pending(10)).map(({ id }) => id),
    ['good'],
  );
});
