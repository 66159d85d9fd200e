import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';

const program = `
import { renderCommand } from '${new URL('./render.ts', import.meta.url)}';
await renderCommand().parseAsync(process.argv.slice(1), { from: 'user' });
`;

/** In a folder with these files; `args` are relative to it. */
async function render(t: { teardown(action: () => unknown): void }, files: Record<string, string>, args: string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-out-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  const node = ['--input-type=module', '-e', program, '--', ...args];
  const run = await execa(process.execPath, node, { cwd: directory, reject: false });
  const list = async (path: string) => {
    const entries = await readdir(join(directory, path), { recursive: true, withFileTypes: true }).catch(() => []);
    const found = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return found.map((file) => file.slice(join(directory, path).length + 1)).sort();
  };
  const read = (path: string) => readFile(join(directory, path), 'utf8');
  return { code: run.exitCode, out: run.stdout, error: run.stderr, list, read };
}

const cluster = {
  id: 'aws:1:eu-central-1:c',
  alias: 'c',
  local_id: 'c',
  api_server_url: 'https://c.example.org',
  channel: 'dev',
  provider: 'zalando-aws',
  region: 'eu-central-1',
  infrastructure_account: 'aws:1',
  config_items: { etcd_instance_type: 'm5.large', secret: 'aws:kms:aGVsbG8=' },
  node_pools: [
    { name: 'w', profile: 'worker', instance_types: ['m5.large'] },
    { name: 'k', profile: 'worker-karpenter' },
  ],
};
const facts = {
  vpcId: 'vpc-1',
  subnets: [{ id: 's-a', az: 'eu-central-1a', cidr: '10.0.0.0/24' }],
  loadBalancerCertificate: 'arn:cert',
  etcdKmsKeyArn: 'arn:key',
  instanceTypes: { 'm5.large': { vcpu: 2, memoryMiB: 8192 } },
};
const object = 'apiVersion: v1\nkind: A\nmetadata: {name: x}\n';
const repository = {
  'clusters.json': JSON.stringify({ clusters: [cluster] }),
  'facts.json': JSON.stringify(facts),
  'repo/cluster/config-defaults.yaml': 'a: "{{ .Cluster.Alias }}"\n',
  'repo/cluster/cluster.yaml': 'b: {{ .Cluster.ConfigItems.secret }}\n',
  'repo/cluster/etcd/files.yaml': 'files: []\n',
  'repo/cluster/etcd/stack.yaml': 'c: 1\n',
  'repo/cluster/manifests/deletions.yaml': 'pre_apply: []\n',
  'repo/cluster/manifests/x/a.yaml': object,
  'repo/cluster/node-pools/worker/files.yaml': 'files: []\n',
  'repo/cluster/node-pools/worker/userdata.yaml': 'data',
  'repo/cluster/node-pools/worker/stack.yaml': '{{ .Values.UserData }}\n',
  'repo/cluster/node-pools/worker-karpenter/files.yaml': 'files: []\n',
  'repo/cluster/node-pools/worker-karpenter/userdata.yaml': 'plain',
  'repo/cluster/node-pools/worker-karpenter/provisioners.yaml': '# {{ .Values.UserData }}\n',
};
const common = ['--cluster', 'clusters.json', '--facts', 'facts.json', '--out', 'out'];

t.test('the output has the layout of the repository, node pools by their names', async (t) => {
  const { code, list, read, out } = await render(t, repository, ['--source', 'repo', ...common]);
  t.equal(code, 0, out);
  t.strictSame(await list('out'), [
    'cluster.yaml',
    'config-defaults.yaml',
    'etcd/files.yaml',
    'etcd/stack.yaml',
    'manifests/x/a.yaml',
    'node-pools/k/files.yaml',
    'node-pools/k/provisioners.yaml',
    'node-pools/k/userdata.yaml',
    'node-pools/w/files.yaml',
    'node-pools/w/stack.yaml',
    'node-pools/w/userdata.yaml',
  ]);
  t.equal(await read('out/cluster.yaml'), 'b: hello\n');
  t.equal(
    await read('out/node-pools/w/stack.yaml'),
    'USERDATA-SHA256-3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7\n',
  );
  t.equal(await read('out/node-pools/k/provisioners.yaml'), '# plain\n');
});

t.test('all that is refused is in errors.json by its output, and the rest is written', async (t) => {
  const bad = '{{ .Cluster.Nope }}';
  const refused = {
    ...repository,
    'repo/cluster/config-defaults.yaml': bad,
    'repo/cluster/etcd/files.yaml': bad,
    'repo/cluster/manifests/deletions.yaml': bad,
    'repo/cluster/manifests/x/bad.yaml': bad,
    'repo/cluster/node-pools/worker/userdata.yaml': bad,
  };
  const { code, list, read } = await render(t, refused, ['--source', 'repo', ...common]);
  t.equal(code, 1);
  const message = (path: string) =>
    `template: main/cluster/${path}:1:11: executing "main/cluster/${path}" at <.Cluster.Nope>: can't evaluate field Nope in type *api.Cluster`;
  t.strictSame(JSON.parse(await read('out/errors.json')), {
    'config-defaults.yaml': message('config-defaults.yaml'),
    'etcd/files.yaml': message('etcd/files.yaml'),
    'manifests/deletions.yaml': message('manifests/deletions.yaml'),
    'manifests/x/bad.yaml': message('manifests/x/bad.yaml'),
    'node-pools/w/userdata.yaml': message('node-pools/worker/userdata.yaml'),
  });
  t.strictSame(await list('out'), [
    'cluster.yaml',
    'errors.json',
    'etcd/stack.yaml',
    'manifests/x/a.yaml',
    'node-pools/k/files.yaml',
    'node-pools/k/provisioners.yaml',
    'node-pools/k/userdata.yaml',
    'node-pools/w/files.yaml',
    'node-pools/w/stack.yaml',
  ]);
});

t.test('several sources are named, and two may not have one name', async (t) => {
  const files = { ...repository, 'more/cluster/manifests/x/a.yaml': object };
  const named = await render(t, files, ['--source', 'base=repo', 'more=more', ...common]);
  t.equal(named.code, 0);
  t.strictSame(
    (await named.list('out')).filter((file) => file.startsWith('manifests/')),
    ['manifests/base/x/a.yaml', 'manifests/more/x/a.yaml'],
  );
  const unnamed = await render(t, files, ['--source', 'repo', '--source', 'more', ...common]);
  t.strictSame(
    (await unnamed.list('out')).filter((file) => file.startsWith('manifests/')),
    ['manifests/main/x/a.yaml', 'manifests/source-2/x/a.yaml'],
  );
  const twice = await render(t, files, ['--source', 'a=repo', 'a=more', ...common]);
  t.match(twice, { code: 2, error: 'fairway: --source: two sources are called a; give each NAME=DIR another name' });
});

t.test('the repository itself is never overwritten', async (t) => {
  for (const [source, target] of [
    ['repo', 'repo'],
    ['repo', 'repo/cluster'],
    ['repo/cluster', 'repo/cluster'],
    ['repo', 'repo/cluster/manifests/x'],
  ] as const) {
    const args = ['--source', source, '--cluster', 'clusters.json', '--facts', 'facts.json', '--out', target];
    const { code, error, list } = await render(t, repository, args);
    t.match([code, error], [2, `fairway: --out ${target}: that is the config repository; name another folder`]);
    t.ok((await list('repo')).includes('cluster/cluster.yaml'));
  }
});

t.test('a facts file that is wrong is told with every field', async (t) => {
  const wrong = {
    ...facts,
    subnets: [{ id: 's', az: 1 }],
    instanceTypes: { x: { vcpu: 0, memoryMiB: 1 } },
    wpcId: 'v',
  };
  const { code, error } = await render(t, { ...repository, 'facts.json': JSON.stringify(wrong) }, [
    '--source',
    'repo',
    ...common,
  ]);
  t.equal(code, 2);
  t.equal(
    error,
    [
      'fairway: facts file facts.json:',
      '  subnets[0].az: expected string, received number; quote it',
      '  subnets[0].cidr: missing, expected string',
      '  instanceTypes.x.vcpu: Too small: expected number to be >0',
      '  Unrecognized key: "wpcId"',
    ].join('\n'),
  );
});
