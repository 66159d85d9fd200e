import t from 'tap';
import { z } from 'zod';
import { formatProblem } from '../domain/config-file.ts';
import { checkPolicy, idleBranches } from './check-policy.ts';

const steps = new Map([['apply', z.strictObject({})]]);

function problemsOf(files: Record<string, string>): string[] {
  return checkPolicy(
    Object.entries(files).map(([path, text]) => ({ path, text })),
    steps,
  ).problems.map(formatProblem);
}

t.test('channels are checked against each other, with the line of the later one', async (t) => {
  const dev = 'channel: dev\nbranch: main\n';
  t.strictSame(problemsOf({ 'channels/a.yaml': dev }), []);
  t.strictSame(problemsOf({ 'channels/a.yaml': dev, 'channels/b.yaml': `# again\n${dev}` }), [
    'channels/b.yaml:2: channel: the channel dev is there twice',
  ]);
  t.strictSame(problemsOf({ 'channels/a.yaml': dev, 'channels/b.yaml': 'channel: beta\nbranch: main\n' }), [
    'channels/b.yaml:2: branch: main is the branch of the channel dev already',
  ]);
  t.strictSame(problemsOf({ 'channels/a.yaml': `${dev}promotion:\n  to: stable\n` }), [
    'channels/a.yaml:4: promotion.to: there is no channel "stable"; there are dev',
  ]);
  t.strictSame(problemsOf({}), [
    'channels/: there is no channel file; a channel is channels/<name>.yaml with at least channel: and branch:',
  ]);
});

t.test('a pipeline for a branch that no channel has is told, but stops nobody', async (t) => {
  const pipeline = `pipeline: p
on:
  pullRequest:
    branches:
      - main
      - beta
stages: [{stage: s, steps: [{apply: {}}]}]
`;
  const policy = checkPolicy(
    [
      { path: 'channels/dev.yaml', text: 'channel: dev\nbranch: main\n' },
      { path: 'pipelines/p.yaml', text: pipeline },
    ],
    steps,
  );
  t.strictSame(policy.problems, []);
  t.strictSame(idleBranches(policy).map(formatProblem), [
    'pipelines/p.yaml:6: on.pullRequest.branches[1]: no channel has the branch "beta"; the channels are dev',
  ]);
});

t.test('channels stand in promotion order, whatever their files are called', async (t) => {
  const channel = (name: string, to?: string) => ({
    path: `channels/${name}.yaml`,
    text: `channel: ${name}\nbranch: ${name}\n${to === undefined ? '' : `promotion: {to: ${to}}\n`}`,
  });
  const { channels } = checkPolicy([channel('alpha', 'stable'), channel('dev', 'alpha'), channel('stable')], steps);
  t.strictSame(
    channels.map(({ value }) => value.channel),
    ['dev', 'alpha', 'stable'],
  );
});
