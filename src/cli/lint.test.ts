import { join } from 'node:path';
import t from 'tap';
import { clusters, fairway, folder, manifest } from './commands.test-fixture.ts';

t.test('lint finds everything at once, what depends on the cluster with its clusters', async (t) => {
  const directory = await folder(t, {
    'clusters.json': clusters,
    'repo/cluster/manifests/x/syntax.yaml': 'a: 1\nb: {{ if }}\n',
    'repo/cluster/manifests/x/tab.yaml': 'a:\n\tb: 1\n',
    'repo/cluster/manifests/y/size.yaml': 'size: {{ .Cluster.ConfigItems.size }}\n',
  });
  const at = (path: string) => join(directory, path);
  const alone = await fairway('lint', at('repo'));
  t.equal(alone.code, 1);
  t.match(
    alone.out,
    /^cluster\/manifests\/x\/syntax\.yaml:2:\d+: template: main\/cluster\/manifests\/x\/syntax\.yaml:2: missing value for if\n {2}b: \{\{ if \}\}\n/,
  );
  t.match(alone.out, 'cluster/manifests/x/tab.yaml:2:1: yaml: line 2: found character that cannot start any token');
  t.match(alone.out, /2 refused$/);
  const { findings } = JSON.parse(
    (await fairway('lint', at('repo'), '--cluster', at('clusters.json'), '--output', 'json')).out,
  );
  t.strictSame(
    findings.map(({ file, clusters }: { file: string; clusters: string[] }) => [file, clusters]),
    [
      ['cluster/manifests/x/syntax.yaml', []],
      ['cluster/manifests/x/tab.yaml', []],
      ['cluster/manifests/y/size.yaml', ['local:a']],
      ['cluster/manifests/y/size.yaml', ['local:b']],
    ],
  );
  const good = await folder(t, { 'cluster/manifests/x/one.yaml': manifest });
  t.match(await fairway('lint', good), { code: 0, out: '1 file, nothing wrong' });
  t.match(await fairway('lint', at('out')), { code: 2, error: /name a folder with a config repository$/ });
});

const dev = 'channel: dev\nbranch: dev\npromotion: {to: dev}\n';
const pipeline = `pipeline: pull-request
on: {pullRequest: {branches: [dev]}}
stages:
  - stage: render
    steps:
      - {render: {}}
`;

t.test('lint finds what is wrong in channels and pipelines too, by line and field', async (t) => {
  const good = {
    'channels/dev.yaml': dev,
    'pipelines/pull-request.yaml': pipeline,
    'cluster/manifests/x/one.yaml': manifest,
  };
  const lint = async (files: Record<string, string>) => fairway('lint', await folder(t, { ...good, ...files }));
  t.strictSame(await lint({}), { code: 0, out: '3 files, nothing wrong', error: '' });
  const wrong = await lint({
    'channels/alpha.yaml': 'channel: alpha\nbranch: dev\npromotion:\n  to: stable\n',
    'channels/beta.yaml': 'channel: beta\nbranch: beta\nrollout:\n  failureBudget: -1\n',
    'channels/gone.yaml': 'channel: gone\nbranch: gone\nsource:\n  - {name: a, folder: nowhere}\n',
    'pipelines/rollout.yaml': pipeline.replace('render: {}', 'rendre: {}'),
    'pipelines/promotion.yaml': pipeline.replace('[dev]', '[dev, main]'),
    'cluster/manifests/x/tab.yaml': 'a:\n\tb: 1\n',
  });
  t.equal(wrong.code, 1);
  const places = wrong.out.split('\n').filter((line) => /^\S+\.yaml:/.test(line));
  t.match(places, [
    'channels/alpha.yaml:4: promotion.to: there is no channel "stable"; there are alpha, dev, gone',
    /^channels\/beta\.yaml:4: rollout\.failureBudget: Too small: /,
    'channels/dev.yaml:2: branch: dev is the branch of the channel alpha already',
    'channels/gone.yaml:4: source[0].folder: there is no folder "nowhere"',
    /^cluster\/manifests\/x\/tab\.yaml:2:1: yaml: /,
    'pipelines/promotion.yaml:2: on.pullRequest.branches[1]: no channel has the branch "main"; the channels are alpha, dev, gone',
    /^pipelines\/rollout\.yaml:6: stages\[0\]\.steps\[0\]: a step is one of .*; found "rendre"$/,
  ]);
  t.equal(places.length, 7);
  t.match(wrong.out, /7 refused$/);
});

t.test('lint looks at the sources that the channels name, each in its own folder', async (t) => {
  const sources = '[{name: base, folder: cluster}, {name: search, folder: teams/search}]';
  const directory = await folder(t, {
    'clusters.json': clusters,
    'repo/channels/dev.yaml': `${dev}source: ${sources}\n`,
    'repo/cluster/manifests/x/one.yaml': manifest,
    'repo/teams/search/manifests/x/tab.yaml': 'a:\n\tb: 1\n',
    'repo/teams/search/manifests/x/size.yaml': 'size: {{ .Cluster.ConfigItems.size }}\n',
  });
  const at = (path: string) => join(directory, path);
  const run = await fairway('lint', at('repo'), '--cluster', at('clusters.json'), '--output', 'json');
  t.equal(run.code, 1);
  t.strictSame(
    JSON.parse(run.out).findings.map(({ file, line, clusters }: { file: string; line: number; clusters: string[] }) => [
      file,
      line,
      clusters,
    ]),
    [
      ['teams/search/manifests/x/size.yaml', 1, ['local:a']],
      ['teams/search/manifests/x/size.yaml', 1, ['local:b']],
      ['teams/search/manifests/x/tab.yaml', 2, []],
    ],
  );
});

t.test('lint without a cluster looks at what a specimen would get, and says what it could not see', async (t) => {
  const directory = await folder(t, {
    'cluster/manifests/x/twice.yaml': `${manifest}data: {}\n`,
    'cluster/manifests/y/two.yaml': manifest,
    'cluster/manifests/y/aws.yaml': 'a: {{ .Values.subnets }}\n',
  });
  const run = await fairway('lint', directory);
  t.equal(run.code, 1);
  t.match(
    run.out,
    'cluster/manifests/x/twice.yaml:5:1: data stands twice in its mapping, in lines 4 and 5; the last one holds',
  );
  t.match(
    run.out,
    'cluster/manifests/y/two.yaml:1:1: ConfigMap default/one is already defined in manifests/x/twice.yaml:1; keep one of the two',
  );
  t.match(
    run.out,
    'could not be rendered for a specimen; name clusters with --cluster to have them looked at:\n  cluster/manifests/y/aws.yaml\n',
  );
  t.match(run.out, /2 refused$/);
  const { unseen } = JSON.parse((await fairway('lint', directory, '--output', 'json')).out);
  t.strictSame(unseen, ['cluster/manifests/y/aws.yaml']);
});

t.test('warnings fail lint only when they are to', async (t) => {
  const binding = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: one}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: gone}
`;
  const directory = await folder(t, { 'cluster/manifests/x/binding.yaml': binding });
  const run = await fairway('lint', directory);
  t.equal(run.code, 0);
  t.match(
    run.out,
    'cluster/manifests/x/binding.yaml:4:67: warning: there is no ClusterRole "gone" in this cluster\'s desired state',
  );
  t.match(run.out, /\n1 warning$/);
  t.equal((await fairway('lint', directory, '--strict')).code, 1);
  const json = JSON.parse((await fairway('lint', directory, '--output', 'json')).out);
  t.match(json, { findings: [{ severity: 'warning', line: 4, clusters: [] }] });
});
