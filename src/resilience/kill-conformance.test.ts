import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { createArtifactFolder } from '../adapters/artifacts/artifact-folder.ts';
import { lookAtHost } from '../adapters/clusters/local/host.ts';
import { Scene } from './scene.ts';
import { smallConfig } from './small-config.ts';

t.setTimeout(480_000);

const { powers } = await lookAtHost();

t.test(
  'a conformance suite goes on while its Fairway is killed, and is not run anew',
  { skip: powers.realNodes ? false : powers.missing.join(' ') },
  async (t) => {
    const pipeline = [
      'pipeline: pull-request',
      'on: {pullRequest: {branches: [dev]}}',
      'stages:',
      '  - {stage: base, steps: [{create-cluster: {provider: local, nodes: 1}}, {apply: {revision: head}}]}',
      '  - {stage: conformance, steps: [{conformance: {profile: smoke}}]}',
      '  - {stage: teardown, always: true, steps: [{delete-cluster: {}}]}',
      '',
    ].join('\n');
    const scene = await Scene.open(t, {
      branches: { dev: { ...smallConfig, 'pipelines/pull-request.yaml': pipeline }, alpha: {} },
    });
    await scene.start();
    const { number } = await scene.forge.propose('change', { 'a.yaml': 'a: 1\n' });
    const filter = { pullRequest: number };
    const progress = async () => (await scene.run(filter))?.stages[1]?.steps[0]?.progress ?? '';
    for (const done of [/^[1-9]\d* of \d+ specs/, /^(1[5-9]|[2-9]\d) of \d+ specs/]) {
      await scene.until(`specs are done: ${done}`, async () => done.test(await progress()) || undefined);
      await scene.killAndStart();
    }
    const run = await scene.ended(filter);
    t.equal(run.status, 'succeeded', run.reason);
    t.match(run.stages[1]?.steps[0]?.output, { failed: 0 });
    const log = await createArtifactFolder(join(scene.state, 'artifacts')).open(run.id, 'conformance.log');
    t.ok(log);
    t.equal((log ? await text(log.stream) : '').match(/^Will run \d+ of \d+ specs$/gm)?.length, 1, 'it was run once');
    t.same(await scene.left(), [], 'nothing is left');
  },
);
