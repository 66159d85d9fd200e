import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';

const program = `
import { renderCommand } from '${new URL('./render.ts', import.meta.url)}';
import { lintCommand } from '${new URL('./lint.ts', import.meta.url)}';
const [name, ...args] = process.argv.slice(1);
await (name === 'render' ? renderCommand() : lintCommand()).parseAsync(args, { from: 'user' });
`;

/** Runs a command as its own process, as a user does. */
async function fairway(...args: string[]) {
  const run = await execa(process.execPath, ['--input-type=module', '-e', program, '--', ...args], { reject: false });
  return { code: run.exitCode, out: run.stdout, error: run.stderr };
}

type Test = { teardown(action: () => unknown): void };

async function folder(t: Test, files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-cli-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

const clusters = JSON.stringify({
  items: [
    { id: 'local:a', alias: 'a', local_id: 'a', api_server_url: '', channel: 'dev', provider: 'local', status: null },
    {
      id: 'local:b',
      alias: 'b',
      local_id: 'b',
      api_server_url: '',
      channel: 'dev',
      provider: 'local',
      config_items: { size: '3' },
    },
  ],
});
const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {alias: "{{ .Cluster.Alias }}"}\n';

t.test('renders a cluster into a folder, byte for byte', async (t) => {
  const directory = await folder(t, {
    'clusters.json': clusters,
    'repo/cluster/config-defaults.yaml': 'size: "1" # äöü\n',
    'repo/cluster/manifests/x/one.yaml': manifest,
    'out/manifests/old/gone.yaml': 'from an earlier render',
    'out/notes.txt': 'not ours',
  });
  const at = (path: string) => join(directory, path);
  const run = await fairway(
    'render',
    '--source',
    at('repo'),
    '--cluster',
    at('clusters.json'),
    '--id',
    'local:a',
    '--out',
    at('out'),
  );
  t.match(run, { code: 0, error: '' });
  t.match(run.out, /^cluster local:a, version <dir>#[\w-]{27}\n2 files, 1 component, 1 object, 0 stacks$/);
  t.equal(await readFile(at('out/config-defaults.yaml'), 'utf8'), 'size: "1" # äöü\n');
  t.match(await readFile(at('out/manifests/x/one.yaml'), 'utf8'), 'data: {alias: "a"}');
  t.strictSame((await readdir(at('out'))).sort(), ['config-defaults.yaml', 'manifests', 'notes.txt']);
});

t.test('a refused file does not stop the rest; it is in errors.json and the exit code is 1', async (t) => {
  const directory = await folder(t, {
    'clusters.json': clusters,
    'repo/cluster/manifests/x/bad.yaml': 'a: {{ .Cluster.ConfigItems.size }}\n',
    'repo/cluster/manifests/x/good.yaml': manifest,
  });
  const at = (path: string) => join(directory, path);
  const common = ['--source', at('repo'), '--cluster', at('clusters.json'), '--id', 'a'];
  const run = await fairway('render', ...common, '--out', at('out'));
  t.equal(run.code, 1);
  t.match(
    run.out,
    /cluster\/manifests\/x\/bad\.yaml:1:15: template: main\/cluster\/manifests\/x\/bad\.yaml:1:14: .*no entry for key "size"/,
  );
  t.strictSame(JSON.parse(await readFile(at('out/errors.json'), 'utf8')), {
    'manifests/x/bad.yaml':
      'template: main/cluster/manifests/x/bad.yaml:1:14: executing "main/cluster/manifests/x/bad.yaml" at <.Cluster.ConfigItems.size>: map has no entry for key "size"',
  });
  t.strictSame(await readdir(at('out/manifests/x')), ['good.yaml']);
  const json = JSON.parse((await fairway('render', ...common, '--output', 'json')).out);
  t.match(json, { cluster: 'local:a', components: [{ name: 'x', objects: 1 }], refusals: [{ line: 1, column: 15 }] });
});

t.test('wrong use is told in a sentence, with exit code 2', async (t) => {
  const directory = await folder(t, {
    'clusters.json': clusters,
    'bad.json': '{"items": 1}',
    'repo/cluster/manifests/x/one.yaml': manifest,
  });
  const at = (path: string) => join(directory, path);
  const sentence = async (...args: string[]) => {
    const run = await fairway('render', ...args);
    return [run.code, run.error];
  };
  t.strictSame(await sentence('--source', at('repo'), '--cluster', at('clusters.json')), [
    2,
    'fairway: say which cluster with --id; there are local:a, local:b',
  ]);
  t.strictSame(await sentence('--source', at('repo'), '--cluster', at('clusters.json'), '--id', 'c'), [
    2,
    `fairway: --id c: no such cluster in ${at('clusters.json')}; there are local:a, local:b`,
  ]);
  t.strictSame(
    await sentence('--source', at('repo'), '--cluster', at('clusters.json'), '--id', 'a', '--output', 'xml'),
    [2, 'fairway: --output xml: there are text and json'],
  );
  t.strictSame(await sentence('--source', at('repo'), '--cluster', at('bad.json')), [
    2,
    `fairway: cluster file ${at('bad.json')}: expected {clusters: […]}, {items: […]}, a list of clusters or one cluster with an id`,
  ]);
  t.strictSame(await sentence('--source', 'x', '--cluster', 'y', '--wurst', 'z'), [
    2,
    "error: unknown option '--wurst'",
  ]);
  t.strictSame(await sentence('--cluster', 'x'), [2, "error: required option '--source <dir...>' not specified"]);
  const [code, missing] = await sentence('--source', at('nowhere'), '--cluster', at('clusters.json'), '--id', 'a');
  t.equal(code, 2);
  t.match(missing, /nowhere: .*; name a folder with a config repository$/);
});

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

t.test('components of kustomize and helm are rendered and linted by the real programs', async (t) => {
  const directory = await folder(t, {
    'clusters.json': clusters,
    'repo/cluster/manifests/chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 0.1.0\n',
    'repo/cluster/manifests/chart/templates/one.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {size: "{{ .Values.configItems.size }}"}\n',
    'repo/cluster/manifests/folder/kustomization.yaml': 'namePrefix: my-\nresources: [two.yaml]\n',
    'repo/cluster/manifests/folder/two.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\n',
    'wrong/cluster/manifests/folder/kustomization.yaml': 'resource: [two.yaml]\n',
  });
  const at = (path: string) => join(directory, path);
  const common = ['--cluster', at('clusters.json'), '--id', 'local:b', '--out', at('out')];
  const run = await fairway('render', '--source', at('repo'), ...common);
  t.match(run.out, /\n2 files, 2 components, 2 objects, 0 stacks$/);
  t.match(
    await readFile(at('out/manifests/chart/rendered.yaml'), 'utf8'),
    'metadata: {name: "chart"}\ndata: {size: "3"}',
  );
  t.match(await readFile(at('out/manifests/folder/rendered.yaml'), 'utf8'), 'name: my-two');
  t.match(await fairway('lint', at('repo')), { code: 0, out: '4 files, nothing wrong' });
  t.match(await fairway('lint', at('wrong'), '--cluster', at('clusters.json')), {
    code: 1,
    out: 'cluster/manifests/folder/kustomization.yaml: invalid Kustomization: json: unknown field "resource"\nfor local:a, local:b\n\n1 refused',
  });
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
    'not looked at, because they need what only a cluster has (give --cluster):\n  cluster/manifests/y/aws.yaml\n',
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
