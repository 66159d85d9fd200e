import t from 'tap';
import { z } from 'zod';
import { channel, sourcesOf } from './channel.ts';
import { formatProblem, parseConfigFile, requireConfigFile } from './config-file.ts';
import { pipelineSchema } from './pipeline.ts';

const schema = pipelineSchema(
  new Map<string, z.ZodType>([
    ['apply', z.strictObject({ revision: z.enum(['base', 'head']).default('head') })],
    ['wait', z.strictObject({})],
  ]),
);

function problemsOf(text: string, of: z.ZodType = schema): string[] {
  const parsed = parseConfigFile('pipelines/x.yaml', text, of);
  return parsed.outcome === 'invalid' ? parsed.problems.map(formatProblem) : [];
}

t.test('a channel file is completed with defaults', async (t) => {
  const parsed = requireConfigFile('channels/dev.yaml', 'channel: dev\nbranch: dev\n', channel);
  t.same(parsed, {
    channel: 'dev',
    branch: 'dev',
    source: 'cluster',
    pullRequests: { drafts: 'prove', gateChanges: 'tell' },
    rollout: {
      waves: [{ name: 'all', maxUnavailable: 1 }],
      failureBudget: 0,
      gates: ['nodes', 'capacity', 'endpoints', 'api'],
      rollback: 'manual',
    },
  });
});

t.test('a wrong channel file names line and field, and what would be right', async (t) => {
  t.same(problemsOf('channel: Dev\nbranch: dev\n', channel), [
    'pipelines/x.yaml:1: channel: use lower-case letters, digits and "-", at most 40 characters',
  ]);
  t.same(problemsOf('channel: dev\nbranch: dev\npromotion:\n  to: alpha\n  soak: tomorrow\n', channel), [
    'pipelines/x.yaml:5: promotion.soak: "tomorrow" is not a duration; write it like 90s, 10m, 1h30m or 24h',
  ]);
  t.match(
    problemsOf('channel: dev\nbranch: dev\nrolout: {}\n', channel)[0],
    /^pipelines\/x\.yaml:1: Unrecognized key: "rolout"/,
  );
  t.match(
    problemsOf('channel: dev\nbranch: dev\nrollout:\n  failureBudget: -1\n', channel)[0],
    /^pipelines\/x\.yaml:4: rollout\.failureBudget: /,
  );
  t.match(problemsOf('channel: [\n', channel)[0], /^pipelines\/x\.yaml:\d: /);
  t.throws(() => requireConfigFile('channels/x.yaml', 'a: b', channel), { name: 'FairwayError', kind: 'refused' });
});

t.test('a key that stands twice is told with its path and all its lines', async (t) => {
  t.same(problemsOf('channel: dev\nbranch: dev\n"channel": alpha\n', channel), [
    'pipelines/x.yaml:3: channel: stands more than once in its mapping, in lines 1, 3; keep one of them',
  ]);
  const waves = 'rollout:\n  waves:\n    - {name: a}\n    - name: b\n      soak: 1m\n      soak: 2m\n';
  t.same(problemsOf(`channel: dev\nbranch: dev\n${waves}`, channel), [
    'pipelines/x.yaml:8: rollout.waves[1].soak: stands more than once in its mapping, in lines 7, 8; keep one of them',
  ]);
});

t.test('the source of a channel is a folder, or several with a name each', async (t) => {
  const source = (text: string) => problemsOf(`channel: dev\nbranch: dev\nsource: ${text}\n`, channel);
  const of = (text: string) =>
    sourcesOf(requireConfigFile('channels/dev.yaml', `channel: dev\nbranch: dev\n${text}`, channel));
  t.same(of(''), [{ name: 'main', folder: 'cluster' }]);
  t.same(of('source: teams/search\n'), [{ name: 'main', folder: 'teams/search' }]);
  t.same(of('source:\n  - {name: base, folder: cluster}\n  - {name: apps, folder: apps}\n'), [
    { name: 'base', folder: 'cluster' },
    { name: 'apps', folder: 'apps' },
  ]);
  const outside = 'name a folder of the config repository, like "cluster" or "teams/search"';
  t.same(source('../other'), [`pipelines/x.yaml:3: source: ${outside}`]);
  t.same(source('/etc'), [`pipelines/x.yaml:3: source: ${outside}`]);
  t.same(source('\n  - {name: a, folder: a/../..}'), [`pipelines/x.yaml:4: source[0].folder: ${outside}`]);
  t.same(source('\n  - {name: a, folder: a}\n  - {name: a, folder: b}'), [
    'pipelines/x.yaml:5: source[1].name: the source "a" is there twice',
  ]);
  t.same(source('\n  - {name: a}'), [
    'pipelines/x.yaml:4: source[0].folder: Invalid input: expected string, received undefined',
  ]);
  t.same(source('3'), [
    'pipelines/x.yaml:3: source: Invalid input: expected string, received number; or: Invalid input: expected array, received number',
  ]);
  t.same(problemsOf('channel: dev\nbranch: dev\nrollout: {waves: [{name: a, maxUnavailable: 0%}]}\n', channel), [
    'pipelines/x.yaml:3: rollout.waves[0].maxUnavailable: write a number of clusters, or a percentage like "25%"',
  ]);
});

t.test('a pipeline stage follows the one before it, and one that always runs follows all', async (t) => {
  const text = `
pipeline: pull-request
on: {pullRequest: {branches: [dev]}}
stages:
  - {stage: a, steps: [{wait: {}}]}
  - {stage: b, steps: [{apply: {revision: base}}]}
  - {stage: c, after: [a], timeout: 90s, steps: [{wait: {}}]}
  - {stage: d, always: true, steps: [{wait: {}}]}
`;
  const pipeline = requireConfigFile('pipelines/x.yaml', text, schema);
  t.same(
    pipeline.stages.map(({ stage, after, timeout }) => [stage, after, timeout]),
    [
      ['a', [], undefined],
      ['b', ['a'], undefined],
      ['c', ['a'], 90_000],
      ['d', ['a', 'b', 'c'], undefined],
    ],
  );
  t.same(pipeline.stages[1]?.steps, [{ kind: 'apply', with: { revision: 'base' } }]);
});

t.test('a wrong pipeline says which step or stage is wrong', async (t) => {
  const of = (stages: string): string[] => problemsOf(`pipeline: p\non: {push: {}}\nstages:\n${stages}`);
  t.same(of('  - stage: a\n    steps:\n      - {aply: {}}\n'), [
    'pipelines/x.yaml:6: stages[0].steps[0]: a step is one of apply, wait; found "aply"',
  ]);
  t.match(
    of('  - stage: a\n    steps:\n      - apply: {revision: hed}\n')[0],
    /^pipelines\/x\.yaml:6: stages\[0\]\.steps\[0\]\.apply\.revision: .*"base"\|"head"/,
  );
  t.same(of('  - {stage: a, steps: [{wait: {}, apply: {}}]}\n'), [
    'pipelines/x.yaml:4: stages[0].steps[0]: a step is one of apply, wait; found wait, apply',
  ]);
  t.same(of('  - {stage: a, steps: [{wait: {}}]}\n  - {stage: a, after: [b], steps: [{wait: {}}]}\n'), [
    'pipelines/x.yaml:5: stages[1].stage: the stage "a" is there twice',
    'pipelines/x.yaml:5: stages[1].after[0]: "b" is no earlier stage; earlier are: a',
  ]);
  t.same(problemsOf('pipeline: p\non: {}\nstages: [{stage: a, steps: [{wait: {}}]}]'), [
    'pipelines/x.yaml:2: on: name exactly one of pullRequest, push, converged',
  ]);
});
