import t from 'tap';
import { goodObject, renderedOnly } from './rendered-only.ts';
import { Target } from './target.ts';

t.setTimeout(180_000);

const branch = 'fairway/promote/dev-to-alpha';

t.test('a promotion proposes what the channel has converged to, whoever pushes where', async (t) => {
  const target = await Target.open(t, { branches: { alpha: renderedOnly, dev: goodObject('new') } });
  const { forge, scene } = target;
  await scene.start();
  const first: string = (await forge.rest('GET', '/branches/dev')).commit.sha;
  await target.converged('dev', first);
  const proposed = async (sha: string): Promise<number> =>
    scene.until(`a promotion of ${sha}`, async () => {
      const pulls = await forge.rest('GET', '/pulls');
      // biome-ignore lint/suspicious/noExplicitAny: an answer of the forge.
      return pulls.find(({ head }: any) => head.ref === branch && head.sha === sha)?.number;
    });
  const number = await proposed(first);
  await target.ended({ pullRequest: number }, first);

  await t.test('what is pushed to its branch is red, and can not be merged as the promotion', async (t) => {
    const evil = await target.pushTo(`refs/heads/${branch}`, goodObject('evil'));
    const run = await target.ended({ pullRequest: number }, evil);
    t.match(run, {
      status: 'failed',
      reason: /^fairway\/promote\/dev-to-alpha stands at \w{8}, and dev has converged/,
    });
    t.match(await forge.gate(evil), { state: 'failure' });
    const forged = { state: 'success', context: 'fairway/gate', description: 'trust me' };
    await forge.rest('POST', `/statuses/${evil}`, forged, 'wim');
    await scene.until(
      'the gate to be put right',
      async () => (await forge.gate(evil))?.state === 'failure' || undefined,
    );
    t.equal(await proposed(first), number, 'its branch is put right');
    t.not((await target.channel('alpha'))?.attemptedSha, evil);
  });

  await t.test('it does not outlive a revert', async (t) => {
    t.match(await target.ended({ pullRequest: number }, first), { status: 'succeeded' });
    await forge.rest('DELETE', '/branches/dev/protection', undefined, 'olga');
    const reverted = await target.pushTo('refs/heads/dev', goodObject('old again'));
    await target.converged('dev', reverted);
    const now = await proposed(reverted);
    await target.ended({ pullRequest: now }, reverted);
    await forge.git('push', '--quiet', '--force', forge.remote('wim'), `${first}:refs/heads/${branch}`);
    const stale = await scene.until('a verdict on what dev has left', async () =>
      (await target.runs({ pullRequest: now })).find(({ headSha, status }) => headSha === first && status === 'failed'),
    );
    t.match(stale.reason, `${branch} stands at ${first.slice(0, 8)}, and dev has converged to ${reverted.slice(0, 8)}`);
    t.equal(await proposed(reverted), now, 'and it is put right again');
  });
});
