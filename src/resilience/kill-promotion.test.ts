import t from 'tap';
import { Scene } from './scene.ts';
import { startScriptedProxy } from './scripted-proxy.ts';
import { quickRules, smallConfig } from './small-config.ts';

t.setTimeout(300_000);

const channel = { 'channels/dev.yaml': 'channel: dev\nbranch: dev\npromotion: {to: alpha, soak: 1s}\n' };

t.test('a promotion whose requests the forge did, but could not answer, is proposed once', async (t) => {
  /** The request that gets no answer though it is carried out; Fairway is killed while it waits for one. */
  let unanswered = 'POST /git/refs';
  const carriedOut: string[] = [];
  const scene = await Scene.open(t, {
    branches: { alpha: { ...smallConfig, ...quickRules, ...channel }, dev: { 'cluster/new.txt': 'new\n' } },
    settings: { FAIRWAY_CATCH_UP_EVERY: '2s' },
    forgeBeside: {
      through: (url) =>
        startScriptedProxy(
          t,
          () => url,
          async ({ method, path }, pass) => {
            const answered = await pass();
            const name = `${method} ${path.replace('/api/v3/repos/fairway/config', '')}`;
            if (method !== 'GET') carriedOut.push(name);
            return name === unanswered ? 'silence' : answered;
          },
        ),
    },
  });
  await scene.start();
  for (const next of ['POST /pulls', 'nothing']) {
    await scene.until(`a request ${unanswered}`, async () => carriedOut.includes(unanswered) || undefined, 5);
    await scene.kill();
    unanswered = next;
    await scene.start();
  }
  const proposed = await scene.ended({ kind: 'promotion', channel: 'dev' });
  t.equal(proposed.status, 'succeeded', proposed.reason);
  t.equal(carriedOut.filter((name) => name === 'POST /git/refs').length, 1);
  t.equal(carriedOut.filter((name) => name === 'POST /pulls').length, 1);
  const pulls = await scene.forge.rest('GET', '/pulls?state=all');
  t.equal(pulls.length, 1, 'one pull request');
  t.match(pulls, [{ title: /^Promote dev to alpha: /, base: { ref: 'alpha' }, head: { sha: proposed.headSha } }]);
  const notes = (await scene.store.audit.list(1_000)).filter(({ action }) => action === 'propose-promotion');
  t.equal(notes.length, 1, 'noted once');
});
