import t from 'tap';
import { concludeRun } from './conclude-run.ts';
import { createCommands } from './create-commands.ts';
import { givenChannel, repository, signal } from './testing/rollouts-under-test.ts';

const web = (kind: string) => ({ 'cluster/manifests/web/web.yaml': `kind: ${kind}\n` });

/** dev has converged to its first revision. */
async function givenConverged(t: Parameters<typeof givenChannel>[0]) {
  const given = await givenChannel(t);
  const { at } = given;
  const converge = async () => {
    const run = await given.liveRun();
    await at.end(run, 'succeeded');
    await concludeRun(at.planning, { ...run, status: 'succeeded' }, signal);
    return run;
  };
  await given.rollOut();
  const first = await converge();
  const proof = async () => {
    const runs = await at.store.runs.list({ kind: 'pull-request', repository });
    const found = runs.find(({ pullRequest }) => pullRequest === undefined);
    if (!found) throw new Error('nothing is being proven');
    return found;
  };
  const conclude = async (status: 'succeeded' | 'failed', reason = '') => {
    const run = await proof();
    await at.end(run, status, reason);
    await concludeRun(at.planning, { ...run, status, reason }, signal);
    return run;
  };
  return { ...given, first, converge, proof, conclude };
}

t.test('what was pushed past the gate is proven before it is rolled out', async (t) => {
  const { at, rollOut, live, liveRun, first, proof, conclude } = await givenConverged(t);
  const pushed = await at.push('dev', web('A'));
  t.match(await rollOut(), /^dev at \w{8} is not proven: run branch-dev-\w+ proves it first$/);
  t.equal(await live(), undefined);
  t.match(await proof(), { baseSha: first.headSha, headSha: pushed, status: 'queued' }, 'the step from what dev has');
  await rollOut();
  t.equal((await at.store.runs.list({ kind: 'pull-request' })).length, 1, 'it is proven once');
  await conclude('succeeded');
  t.match(await liveRun(), { headSha: pushed, kind: 'rollout' }, 'its proof has the branch looked at again');
});

t.test('an unproven revision does not end the rollout that is under way', async (t) => {
  const { at, rollOut, live, liveRun } = await givenConverged(t);
  await at.mergeProven('dev', web('A'));
  await rollOut();
  const under = await liveRun();
  await at.push('dev', web('B'));
  t.match(await rollOut(), /is not proven/);
  t.equal(await live(), under.id);
  t.equal(await at.store.runs.cancelReason(under.id), undefined);
});

t.test('what failed its proof is not rolled out, unless an administrator makes an exception', async (t) => {
  const { at, rollOut, live, liveRun, conclude } = await givenConverged(t);
  const pushed = await at.push('dev', web('A'));
  await rollOut();
  const { id } = await conclude('failed', 'upgrade: no Deployment became ready');
  t.equal(
    await rollOut(),
    `dev at ${pushed.slice(0, 8)} is not rolled out, it was not proven by run ${id}: upgrade: no Deployment became ready\nMend it by a pull request; or an administrator says fairway roll-out dev --unproven --reason …`,
  );
  t.equal(await live(), undefined);
  const commands = createCommands(at.planning, () => signal);
  const outcome = await commands.rollOutUnproven(repository, 'dev', 'ada', 'the registry is down');
  t.match(outcome, { outcome: 'started' });
  t.match(await liveRun(), { headSha: pushed, requestedBy: 'ada' });
  t.match(
    (await at.store.audit.list(100)).find(({ action }) => action === 'roll-out-unproven'),
    { actor: 'ada', subject: `${repository}/dev`, detail: `${pushed}: the registry is down` },
  );
});

t.test('a status on the forge proves nothing', async (t) => {
  const { at, rollOut, live } = await givenConverged(t);
  const pushed = await at.push('dev', web('A'));
  const status = { state: 'success', context: 'fairway/gate', description: 'all well' };
  await at.forge.repo('POST', `/statuses/${pushed}`, status, at.forge.tokens.writer);
  t.match(await rollOut(), /is not proven/);
  t.equal(await live(), undefined);
});

t.test('a revert is a step of its own: that its tree was proven once from elsewhere is no proof', async (t) => {
  const { at, rollOut, first, converge, proof } = await givenConverged(t);
  const second = await at.mergeProven('dev', web('A'));
  await rollOut();
  await converge();
  const { body } = await at.forge.repo('GET', `/git/commits/${first.headSha}`);
  t.equal(body.tree.sha, first.tree);
  await at.clone.git('checkout', '--quiet', 'dev');
  await at.clone.git('revert', '--no-edit', 'HEAD');
  await at.clone.git('push', '--quiet', 'origin', 'dev:revert');
  const order = { title: 'Revert', head: 'revert', base: 'dev' };
  const { body: pull } = await at.forge.repo('POST', '/pulls', order, at.forge.tokens.writer);
  await at.pullRequest('opened', pull.number);
  t.match(await at.runs(pull.number), [{ tree: first.tree, status: 'queued', reusedFrom: undefined }]);
  await at.clone.git('push', '--quiet', 'origin', 'dev');
  t.match(await rollOut(), /is not proven/);
  t.match(await proof(), { tree: first.tree, baseSha: second });
});

t.test('merges that came faster than their rollouts are proven step by step', async (t) => {
  const { at, rollOut, liveRun } = await givenConverged(t);
  for (const kind of ['A', 'B']) await at.mergeProven('dev', web(kind));
  const newest = await at.mergeProven('dev', web('C'));
  await rollOut();
  t.match(await liveRun(), { headSha: newest });
});

t.test('a branch does not become a channel by naming itself one', async (t) => {
  const { at, live, first } = await givenConverged(t);
  const file = { 'channels/dev.yaml': 'channel: dev\nbranch: evil\npromotion: {to: alpha}\n' };
  await at.push('evil', { ...file, ...web('Evil') });
  const said = await at.deliver('push', 'wim', { ref: 'refs/heads/evil', deleted: false });
  t.match(
    said,
    /^dev has the branch dev, and evil only says that it is dev, too; to move the channel, let a pull request/,
  );
  await at.catchUp(t);
  t.equal(await live(), undefined);
  t.match(await at.store.channels.get(repository, 'dev'), { attemptedSha: first.headSha, branch: 'dev' });
});

t.test('two branches that both say that they are a channel which has none yet move nothing', async (t) => {
  const { at, rollOut, live } = await givenChannel(t);
  await at.push('other', { 'channels/dev.yaml': 'channel: dev\nbranch: other\npromotion: {to: alpha}\n' });
  t.equal(await rollOut(), 'the branches dev and other both say that they are dev: correct one of them');
  t.equal(await live(), undefined);
});

t.test('what is about another repository is ignored, and letters make no other channel', async (t) => {
  const { at, live } = await givenChannel(t);
  const push = { ref: 'refs/heads/dev', deleted: false };
  t.match(
    await at.deliver('push', 'wim', { ...push, repository: { full_name: 'acme/copy' } }),
    /^ignored: it is about acme\/copy, and this Fairway looks after acme\/config alone/,
  );
  t.equal(await live(), undefined);
  t.strictSame(await at.store.channels.list(), []);
  t.match(await at.deliver('push', 'wim', { ...push, repository: { full_name: 'Acme/Config' } }), /^run rollout-dev/);
  t.strictSame(
    (await at.store.channels.list()).map((state) => `${state.repository} ${state.channel}`),
    ['acme/config dev'],
  );
});

t.test('that the repository goes by another name now is told', async (t) => {
  const { at } = await givenChannel(t);
  const changes = { repository: { name: { from: 'Config' } } };
  const moved = { action: 'renamed', changes, repository: { full_name: 'acme/clusters' } };
  const said = 'the forge calls it acme/clusters now: set FAIRWAY_REPOSITORY=acme/clusters and point the webhook at it';
  t.equal(await at.deliver('repository', 'ada', moved), said);
  t.match(await at.store.audit.list(1), [{ action: 'repository-moved', subject: repository, detail: said }]);
});
