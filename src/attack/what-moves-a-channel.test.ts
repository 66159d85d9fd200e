import t from 'tap';
import { brokenObject, goodObject, renderedOnly } from './rendered-only.ts';
import { Target } from './target.ts';

t.setTimeout(180_000);

t.test('a channel moves by its own branch of its own repository, and only to what was proven', async (t) => {
  const target = await Target.open(t, { branches: { alpha: { 'notes.md': '' }, dev: renderedOnly } });
  const { forge, scene } = target;
  await scene.start();
  const first: string = (await forge.rest('GET', '/branches/dev')).commit.sha;
  await target.converged('dev', first);
  const stands = async (why: string) => {
    t.match(await target.channel('dev'), { attemptedSha: first, convergedSha: first, liveRun: undefined }, why);
    t.equal((await target.runs({ kind: 'rollout' })).length, 1, why);
  };
  const push = (ref: string, more: object = {}) =>
    target.deliver({ event: 'push', payload: { ref, deleted: false, ...more } });

  await t.test('tags that are named like the branch, or like a commit', async (t) => {
    for (const tag of ['dev', 'heads/dev', 'origin/dev', first]) {
      await target.pushTo(`refs/tags/${tag}`, goodObject('by a tag'));
      t.equal(await push(`refs/tags/${tag}`), `ignored: refs/tags/${tag} is not a branch`);
    }
    t.equal(await push('dev'), 'ignored: dev is not a branch');
    await push('refs/heads/dev');
    await stands('the branch is looked at, not the tag');
  });

  await t.test('events of other repositories, and of this one in other letters', async (t) => {
    const other = { repository: { full_name: 'fairway/copy' } };
    t.match(
      await push('refs/heads/dev', other),
      /^ignored: it is about fairway\/copy, and this Fairway looks after fa/,
    );
    await push('refs/heads/dev', { repository: { full_name: 'Fairway/CONFIG' } });
    await push('refs/heads/dev', { repository: { full_name: 'fairway/config.git' } });
    await push('refs/heads/DEV');
    await push('refs/heads/refs/heads/dev');
    const names = (await scene.store.channels.list()).map(({ repository, channel }) => `${repository} ${channel}`);
    t.strictSame(
      names.filter((name) => !name.startsWith('fairway/config ')),
      [],
      'there is no other channel',
    );
    const forged = { event: 'push', payload: { ref: 'refs/heads/dev', deleted: false } };
    t.match(await target.deliver({ ...forged, signedWith: 'a secret that somebody guessed' }), /^401 .*signature does/);
    await stands('nothing moved');
  });

  await t.test('a branch that says it is dev', async (t) => {
    const says = { 'channels/dev.yaml': 'channel: dev\nbranch: evil\npromotion: {to: alpha}\n' };
    await target.pushTo('refs/heads/evil', { ...says, ...goodObject('evil') });
    t.match(await push('refs/heads/evil'), /^dev has the branch dev, and evil only says that it is dev, too; to move/);
    await stands('dev stays with its branch');
  });

  await t.test('a push past review is proven first, and not rolled out when the proof fails', async (t) => {
    await t.rejects(target.pushTo('refs/heads/dev', brokenObject), /Protected branch update failed/);
    // An administrator lifts it.
    await forge.rest('DELETE', '/branches/dev/protection', undefined, 'olga');
    const broken = await target.pushTo('refs/heads/dev', brokenObject);
    t.match(
      await push('refs/heads/dev'),
      /^dev at \w{8} is not (proven: run branch-dev-|rolled out, it was not proven by)/,
    );
    const proof = await target.ended({ kind: 'pull-request', channel: 'dev' }, broken);
    t.match(proof, { status: 'failed', pullRequest: undefined, reason: /nobody_has_it/ });
    t.match(await push('refs/heads/dev'), /^dev at \w{8} is not rolled out, it was not proven by run branch-dev-/);
    await stands('a failed proof');
    const status = { state: 'success', context: 'fairway/gate', description: 'trust me' };
    await forge.rest('POST', `/statuses/${broken}`, status, 'wim');
    t.match(await push('refs/heads/dev'), /^dev at \w{8} is not rolled out/);
    await stands('a status proves nothing');
    const mended = await target.pushTo('refs/heads/dev', goodObject('mended'));
    await target.converged('dev', mended);
    const [newest] = await target.runs({ kind: 'pull-request', channel: 'dev', limit: 1 });
    t.match(newest, { headSha: mended, status: 'succeeded', baseSha: first }, 'proven from what dev has');
  });
});
