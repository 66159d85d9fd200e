import t from 'tap';
import { renderedOnly } from './rendered-only.ts';
import { Target } from './target.ts';

t.setTimeout(180_000);

t.test('a red head gets green by nothing that a writer can say', async (t) => {
  const needsSize = {
    'cluster/manifests/small/sized.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sized}\ndata: {size: "{{ .Cluster.ConfigItems.size }}"}\n',
  };
  const target = await Target.open(t, { branches: { dev: renderedOnly, alpha: needsSize } });
  const { forge, scene } = target;
  await scene.start();
  // Renders on dev; on alpha something needs what it takes away.
  const { number, sha } = await forge.propose('unsized', { 'cluster/config-defaults.yaml': 'other: "1"\n' });
  await target.ended({ pullRequest: number });
  t.match(await forge.gate(sha), { state: 'success' });
  const order = { title: 'the same to alpha', head: 'unsized', base: 'alpha' };
  const { number: other } = await forge.rest('POST', '/pulls', order, 'wim');
  const red = await target.ended({ pullRequest: other });
  t.match(red, { status: 'failed', reason: /no entry for key "size"/ });
  const isRed = async (why: string) => {
    const gate = await scene.until(`a red gate: ${why}`, async () => {
      const now = await forge.gate(sha);
      return now?.state === 'failure' ? now : undefined;
    });
    t.match(gate.description, new RegExp(`^#${other} into alpha: render: `), why);
  };
  await isRed('one head in two pull requests');

  await t.test('by the better verdict of another pull request', async (t) => {
    await forge.rest('POST', `/issues/${number}/comments`, { body: '/retest' }, 'wim');
    await scene.until('a second run', async () => (await target.runs({ pullRequest: number }))[1]);
    t.match(await target.ended({ pullRequest: number }), { status: 'succeeded' });
    await isRed('after a good run of the other');
    const { code, said } = await target.fairway('pr', 'merge', String(other));
    t.equal(code, 1);
    t.match(said, `#${other} is not merged: run ${red.id} failed: render: `);
  });

  await t.test('by a status of his own', async (t) => {
    const forged = { state: 'success', context: 'fairway/gate', description: 'trust me' };
    await forge.rest('POST', `/statuses/${sha}`, forged, 'wim');
    await isRed('it is put right');
    t.ok(
      (await forge.statuses(sha)).some(({ description }) => description === 'trust me'),
      'it had been there',
    );
    await t.rejects(forge.rest('POST', `/statuses/${sha}`, forged, 'rita'), /: 403 /, 'a reader can not even try');
  });

  await t.test('by a check of that name', async (t) => {
    const forged = { name: 'fairway/gate', head_sha: sha, status: 'completed', conclusion: 'success' };
    await forge.rest('POST', '/check-runs', forged, 'wim');
    await isRed('the status stays');
    await t.rejects(forge.rest('PUT', `/pulls/${other}/merge`, {}, 'wim'), /fairway\/gate.* is failing/);
    const { code, said } = await target.fairway('pr', 'merge', String(other));
    t.equal(code, 1);
    t.match(said, `#${other} is not merged: run ${red.id} failed: `);
  });
  t.match(await forge.rest('GET', `/pulls/${other}`), { merged: false });
});
