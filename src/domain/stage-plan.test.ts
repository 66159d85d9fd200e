import t from 'tap';
import { z } from 'zod';
import { channel } from './channel.ts';
import { type Cluster, cluster } from './cluster.ts';
import { requireConfigFile } from './config-file.ts';
import { pipelineSchema } from './pipeline.ts';
import { planStages, planWaves } from './stage-plan.ts';

const schema = pipelineSchema(new Map(['render', 'apply', 'soak', 'finish'].map((kind) => [kind, z.looseObject({})])));
const pipeline = requireConfigFile(
  'p',
  `
pipeline: rollout
on: {push: {}}
stages:
  - {stage: render, steps: [{render: {}}]}
  - {stage: converge, forEach: cluster, steps: [{apply: {}}]}
  - {stage: settle, forEach: wave, steps: [{soak: {}}]}
  - {stage: finish, steps: [{finish: {}}]}
`,
  schema,
);
const alpha = channel.parse({
  channel: 'alpha',
  branch: 'alpha',
  rollout: {
    waves: [
      { name: 'canary', match: { criticality: [1] }, soak: '10m' },
      { name: 'rest', maxUnavailable: '50%' },
    ],
    failureBudget: 1,
  },
});

function make(id: string, criticality_level: number): Cluster {
  return cluster.parse({
    id,
    alias: id,
    local_id: id,
    api_server_url: '',
    channel: 'alpha',
    provider: 'local',
    criticality_level,
  });
}

const clusters = [make('c1', 2), make('c2', 1), make('c3', 2), make('c4', 3), make('c5', 2)];

t.test('each cluster goes with the first wave that matches it', async (t) => {
  t.same(
    planWaves(alpha, clusters).map(({ wave, clusters }) => [wave.name, clusters.map(({ id }) => id)]),
    [
      ['canary', ['c2']],
      ['rest', ['c1', 'c3', 'c4', 'c5']],
    ],
  );
});

t.test(
  'stages for each cluster and wave are repeated wave by wave, and what follows waits for all of them',
  async (t) => {
    const stages = planStages(pipeline, alpha, clusters);
    t.same(
      stages.map(({ name, after, following, atOnce }) => ({ name, after, following, atOnce })),
      [
        { name: 'render', after: [], following: [], atOnce: undefined },
        { name: 'converge/c2', after: ['render'], following: [], atOnce: 1 },
        { name: 'settle/canary', after: ['render'], following: ['converge/c2'], atOnce: undefined },
        ...['c1', 'c3', 'c4', 'c5'].map((id) => ({
          name: `converge/${id}`,
          after: ['settle/canary'],
          following: ['converge/c2', 'settle/canary'],
          atOnce: 2,
        })),
        {
          name: 'settle/rest',
          after: ['render'],
          following: ['converge/c1', 'converge/c3', 'converge/c4', 'converge/c5'],
          atOnce: undefined,
        },
        { name: 'finish', after: ['settle/canary', 'settle/rest'], following: [], atOnce: undefined },
      ],
    );
    t.same(stages.find(({ name }) => name === 'settle/canary')?.steps[0]?.with, { for: '600000ms' });
  },
);

t.test('a channel without clusters goes straight on', async (t) => {
  t.same(
    planStages(pipeline, alpha, []).map(({ name, after }) => [name, after]),
    [
      ['render', []],
      ['finish', ['render']],
    ],
  );
});
