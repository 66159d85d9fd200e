import t, { type Test } from 'tap';
import { commentBody, headline } from '../report/summary.ts';
import { PlanningUnderTest, rules } from './testing/planning-under-test.ts';

const value = (text: string) => ({ 'cluster/config-defaults.yaml': `size: "${text}"\n` });
const head = 'fairway/promote/dev-to-alpha';

/** alpha stands where dev stood; `promote` proposes dev to it, `merge` merges that by the forge. */
async function given(t: Test) {
  const at = await PlanningUnderTest.start(t);
  await at.push('dev', { ...rules, ...value('zero') });
  await at.clone.git('push', '--quiet', '--force', 'origin', 'dev:alpha');
  /** dev's clusters have its newest revision, and Fairway's branch stands there. */
  const propose = async () => {
    const [sha, tree] = [await at.clone.git('rev-parse', 'dev'), await at.clone.git('rev-parse', 'dev^{tree}')];
    const repository = 'acme/config';
    await at.store.channels.claim({ repository, channel: 'dev', branch: 'dev', runId: sha, sha });
    await at.store.channels.finish(repository, 'dev', sha, { sha, tree, at: Date.now() });
    await at.clone.git('push', '--quiet', '--force', 'origin', `dev:refs/heads/${head}`);
  };
  const promote = async () => {
    await propose();
    const order = { title: 'Promote dev to alpha', head, base: 'alpha' };
    const { body } = await at.forge.repo('POST', '/pulls', order, at.forge.tokens.writer);
    await at.pullRequest('opened', body.number);
    const [run] = await at.runs(body.number);
    if (!run) throw new Error('there is no run');
    const { number }: { number: number } = body;
    return { number, run };
  };
  const merge = (number: number, merge_method: string) =>
    at.forge.repo('PUT', `/pulls/${number}/merge`, { merge_method });
  return { at, propose, promote, merge };
}

t.test('a promotion after one that was squashed says so, and how the histories are joined', async (t) => {
  const { at, propose, promote, merge } = await given(t);
  await at.push('dev', value('one'));
  const { number, run: first } = await promote();
  t.equal(first.status, 'queued');
  await merge(number, 'squash');
  await at.push('dev', value('two'));
  const { run } = await promote();
  t.equal(run.status, 'failed');
  t.equal(headline(run), `${head} can't be merged into alpha: conflicts in cluster/config-defaults.yaml`);
  t.match(
    run.reason,
    /\nThe last promotion was squashed or rebased: \w{8} "[^"]+" of alpha holds what \w{8} "Change [^"]+" of dev holds/,
  );
  t.match(run.reason, /\n {2}git switch -c join-alpha origin\/dev\n {2}git merge -s ours origin\/alpha\n/);
  t.match(commentBody(run, 'http://fairway', undefined), /squashed or rebased/, 'the comment says all of it');

  const steps = run.reason.split('\n').filter((line) => /^ {2}git /.test(line));
  for (const step of steps) await at.clone.git(...step.trim().split(' ').slice(1));
  await at.clone.git('push', '--quiet', 'origin', 'join-alpha:dev');
  await at.clone.git('checkout', '--quiet', '-B', 'dev', 'join-alpha');
  await propose();
  await at.headIs(2, await at.clone.git('rev-parse', 'dev'));
  await at.pullRequest('synchronize', 2);
  t.match(await at.runs(2), [{ status: 'queued' }, { status: 'failed' }], 'and that helps');
});

t.test('a promotion into a channel with commits of its own names them', async (t) => {
  const { at, promote } = await given(t);
  await at.push('dev', value('one'));
  await at.clone.git('checkout', '--quiet', '-B', 'alpha', 'origin/alpha');
  const hotfix = await at.push('alpha', value('hot'));
  await at.push('dev', value('two'));
  const { run } = await promote();
  t.match(
    run.reason,
    `\nalpha has commits that dev does not have: ${hotfix.slice(0, 8)} "Change cluster/config-defaults.yaml".\n`,
  );
  t.match(run.reason, /\n {2}git merge origin\/alpha .*resolve the conflicts/);
  t.notMatch(run.reason, 'squashed');
});
