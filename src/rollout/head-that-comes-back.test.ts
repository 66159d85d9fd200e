import t from 'tap';
import { concludeRun } from './conclude-run.ts';
import { PlanningUnderTest } from './testing/planning-under-test.ts';

t.test('a proven head that comes back after another one has the last word, by the proof that it has', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number, sha } = await at.openPull('a', { 'cluster/a.yaml': 'a: 1\n' });
  await at.pullRequest('opened', number);
  const end = async (status: 'succeeded' | 'failed') => {
    const [run] = await at.runs(number);
    if (!run) throw new Error(`#${number} has no run`);
    await at.end(run, status);
    await concludeRun(at.planning, { ...run, status }, AbortSignal.timeout(60_000));
    return run;
  };
  const proof = await end('succeeded');
  const other = await at.push('a', { 'cluster/a.yaml': 'a: 2\n' });
  await at.headIs(number, other);
  await at.pullRequest('synchronize', number);
  t.match(await end('failed'), { headSha: other });
  await at.clone.git('push', '--quiet', '--force', 'origin', `${sha}:a`);
  await at.headIs(number, sha);
  await at.pullRequest('synchronize', number);
  const [newest] = await at.runs(number);
  t.match(newest, { headSha: sha, status: 'succeeded', reusedFrom: proof.id });
  await at.pullRequest('labeled', number);
  t.equal((await at.runs(number)).length, 3, 'news of the same begin nothing');
});
