import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { noFacts } from '../adapters/facts/no-facts.ts';
import { createGitMirror } from '../adapters/git/git-mirror.ts';
import { channel } from '../domain/channel.ts';
import { type Cluster, cluster } from '../domain/cluster.ts';
import type { Run, RunKind } from '../domain/run.ts';
import { RunSecrets } from '../domain/secrets/discretion.ts';
import type { Revision } from '../ports/git-source.ts';
import type { ManifestTools } from '../ports/manifest-tools.ts';
import type { RenderedCluster } from '../render/rendered-cluster.ts';
import { render } from './render.ts';
import { Rendering } from './rendering.ts';
import { worldOf } from './testing/world-of.ts';

const { signal } = new AbortController();
const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
const clusterOf = (name: string, configItems: Record<string, string> = {}): Cluster =>
  cluster.parse({
    id: name,
    alias: name,
    local_id: name,
    api_server_url: '',
    channel: 'dev',
    provider: 'local',
    config_items: configItems,
  });
const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;

const twoSources = 'source:\n  - {name: base, folder: cluster}\n  - {name: apps, folder: apps}\n';
const channels = {
  'channels/dev.yaml': `channel: dev\nbranch: dev\n${twoSources}`,
  'channels/stable.yaml': 'channel: stable\nbranch: production\n',
  'channels/lost.yaml': 'channel: lost\nbranch: nowhere\n',
};
const desired = (value: string) => ({
  'cluster/manifests/x/one.yaml': configMap('one', value),
  'apps/manifests/y/two.yaml': configMap('two', value),
});

/** A repository whose branches hold these files, each on a commit of its own. */
async function repository(t: Test, branches: Record<string, Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-rendering-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const work = join(directory, 'work');
  await execa('git', ['init', '--quiet', work]);
  const git = (...args: string[]) => execa('git', [...identity, ...args], { cwd: work });
  for (const [branch, files] of Object.entries(branches)) {
    await git('checkout', '--quiet', '--orphan', branch);
    await git('rm', '-rfq', '--ignore-unmatch', '.');
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(work, path)), { recursive: true });
      await writeFile(join(work, path), text);
    }
    await git('add', '.');
    await git('commit', '--quiet', '-m', branch);
  }
  const mirrors = createGitMirror({
    directory: join(directory, 'mirror'),
    remote: () => ({ url: work, authorization: async () => undefined }),
  });
  const mirror = mirrors.repository('a/b');
  await mirror.fetch(signal);
  const at = async (branch: string): Promise<Revision> => {
    const revision = await mirror.branch(branch);
    if (revision === undefined) throw new Error(`no ${branch}`);
    return revision;
  };
  return { git: mirrors, at };
}

type Repository = Awaited<ReturnType<typeof repository>>;

const nobody = async (): Promise<never> => {
  throw new Error('no tool is needed');
};

function open({ git }: Repository, run: Run, side: 'base' | 'head', kustomize: ManifestTools['kustomize'] = nobody) {
  const world = {
    git,
    facts: (of: Cluster) => noFacts(of.id),
    registry: { list: async () => [] },
    manifestTools: { kustomize, helm: nobody },
  };
  return Rendering.open(run, side, { ...world, secrets: new RunSecrets() }, signal);
}

function runOf(base: Revision | undefined, head: Revision, source: unknown, kind: RunKind = 'rollout'): Run {
  return {
    id: 'r',
    kind,
    repository: 'a/b',
    channel: 'dev',
    pullRequest: undefined,
    baseSha: base?.commit,
    baseTree: base?.tree,
    headSha: head.commit,
    tree: head.tree,
    evidenceKey: '',
    status: 'running',
    reason: '',
    reusedFrom: undefined,
    requestedBy: 't',
    createdAt: 0,
    startedAt: 0,
    finishedAt: undefined,
    cancelReason: undefined,
    wakeAt: undefined,
    policy: channel.parse({ channel: 'dev', branch: 'dev', source }),
    stages: [],
  };
}

const both = [
  { name: 'base', folder: 'cluster' },
  { name: 'apps', folder: 'apps' },
];

function valuesOf(rendered: RenderedCluster | undefined) {
  return rendered?.components.map(({ name, manifests }) => [name, manifests[0]?.object.data]);
}

t.test('a channel has its sources from its own revisions, on either side', async (t) => {
  const repo = await repository(t, {
    old: { ...channels, ...desired('old') },
    new: { ...channels, ...desired('new') },
  });
  const [base, head] = [await repo.at('old'), await repo.at('new')];
  const run = runOf(base, head, both);
  const before = await (await open(repo, run, 'base'))?.render(clusterOf('a'));
  const after = await (await open(repo, run, 'head'))?.render(clusterOf('a'));
  t.strictSame(valuesOf(before), [
    ['base/x', { value: 'old' }],
    ['apps/y', { value: 'old' }],
  ]);
  t.strictSame(valuesOf(after), [
    ['base/x', { value: 'new' }],
    ['apps/y', { value: 'new' }],
  ]);
  t.equal(before?.version.split('#')[0], `base=${base.commit};apps=${base.commit}`);
  t.equal(after?.version.split('#')[0], `base=${head.commit};apps=${head.commit}`);
});

t.test('a cluster has a source from the branch of the channel that its override_channel names', async (t) => {
  const repo = await repository(t, {
    dev: { ...channels, ...desired('dev') },
    production: desired('production'),
  });
  const [dev, production] = [await repo.at('dev'), await repo.at('production')];
  const rendering = await open(repo, runOf(undefined, dev, both), 'head');
  const overridden = await rendering?.render(clusterOf('a', { override_channel: 'apps=stable' }));
  t.strictSame(valuesOf(overridden), [
    ['base/x', { value: 'dev' }],
    ['apps/y', { value: 'production' }],
  ]);
  t.equal(overridden?.version.split('#')[0], `base=${dev.commit};apps=${production.commit}`);
  t.strictSame(valuesOf(await rendering?.render(clusterOf('b'))), [
    ['base/x', { value: 'dev' }],
    ['apps/y', { value: 'dev' }],
  ]);
  const alone = await open(repo, runOf(undefined, dev, 'cluster'), 'head');
  const single = await alone?.render(clusterOf('a', { override_channel: 'main=stable' }));
  t.strictSame(valuesOf(single), [['x', { value: 'dev' }]], 'a single source is never overridden');
});

t.test('an override that cannot be followed is a refusal of that cluster alone', async (t) => {
  const repo = await repository(t, { dev: { ...channels, ...desired('dev') } });
  const rendering = await open(repo, runOf(undefined, await repo.at('dev'), both), 'head');
  const refused = async (item: string) => {
    const rendered = await rendering?.render(clusterOf('a', { override_channel: item }));
    return rendered?.refusals.map(({ file, message }) => `${file}: ${message}`);
  };
  t.strictSame(await refused('app=stable'), [
    'cluster a: override_channel: there is no source "app"; dev has base, apps',
  ]);
  t.strictSame(await refused('apps=beta'), [
    'cluster a: override_channel: there is no channel "beta"; there are dev, lost, stable',
  ]);
  t.strictSame(await refused('apps=lost'), ['cluster a: override_channel: the branch nowhere of lost is not there']);
  t.strictSame(await refused('apps'), ['cluster a: invalid override definition: apps']);
  t.strictSame((await rendering?.render(clusterOf('b')))?.refusals, []);
});

t.test('what a pull request says of channels has no say in overrides', async (t) => {
  const repo = await repository(t, {
    dev: { ...channels, ...desired('dev') },
    production: desired('production'),
    evil: desired('evil'),
    change: { ...channels, ...desired('change'), 'channels/stable.yaml': 'channel: stable\nbranch: evil\n' },
  });
  const run = runOf(await repo.at('dev'), await repo.at('change'), both, 'pull-request');
  const rendered = await (await open(repo, run, 'head'))?.render(clusterOf('a', { override_channel: 'apps=stable' }));
  t.strictSame(valuesOf(rendered), [
    ['base/x', { value: 'change' }],
    ['apps/y', { value: 'production' }],
  ]);
});

t.test('a source that the change adds is empty in the base; one that the head lacks is refused', async (t) => {
  const repo = await repository(t, {
    old: { 'cluster/manifests/x/one.yaml': configMap('one', 'old') },
    new: desired('new'),
  });
  const run = runOf(await repo.at('old'), await repo.at('new'), both);
  t.strictSame(valuesOf(await (await open(repo, run, 'base'))?.render(clusterOf('a'))), [['base/x', { value: 'old' }]]);
  const head = await repo.at('old');
  await t.rejects(open(repo, runOf(undefined, head, both), 'head'), {
    name: 'FairwayError',
    kind: 'refused',
    message: `source apps of dev: there is no folder "apps" in ${head.commit.slice(0, 8)}`,
  });
});

t.test('the tools of the world build what is a folder of theirs', async (t) => {
  const repo = await repository(t, { dev: { 'cluster/manifests/k/kustomization.yaml': 'resources: []\n' } });
  const rendering = await open(repo, runOf(undefined, await repo.at('dev'), 'cluster'), 'head', async ({ folder }) => ({
    outcome: 'rendered',
    text: configMap('built', folder),
  }));
  t.strictSame(valuesOf(await rendering?.render(clusterOf('a'))), [['k', { value: 'cluster/manifests/k' }]]);
});

t.test(
  'a channel without clusters is rendered for a specimen, so that a template that does not render is never green',
  async (t) => {
    const repo = await repository(t, {
      good: {
        ...channels,
        ...desired('{{ .Cluster.ConfigItems.size }}'),
        'cluster/config-defaults.yaml': 'size: big\n',
      },
      bad: desired('{{ .Cluster.ConfigItems.size '),
    });
    const outcome = async (branch: string) => {
      const run = { ...runOf(undefined, await repo.at(branch), 'cluster'), stages: [] };
      const world = worldOf({
        git: repo.git,
        facts: (of) => noFacts(of.id),
        registry: { list: async () => [] },
        manifestTools: { kustomize: nobody, helm: nobody },
      });
      const stage = {} as Run['stages'][number];
      const context = { run, stage, memo: null, startedAt: 0, world, log: () => {}, signal };
      return render.run(context, {});
    };
    t.strictSame(await outcome('good'), {
      outcome: 'succeeded',
      summary: '1 objects for a specimen: the channel dev has no cluster yet',
    });
    t.match(await outcome('bad'), {
      outcome: 'failed',
      reason: /^cluster\/manifests\/x\/one\.yaml:4:45: .*unterminated/,
    });
  },
);
