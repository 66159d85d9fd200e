import t from 'tap';
import type { KubernetesObject } from '../domain/manifest.ts';
import { type ClusterDiff, diffClusters, shareChanges } from './diff.ts';
import { diffAsMarkdown, diffAsText, summary } from './diff-text.ts';
import type { RenderedCluster, RenderedStack } from './rendered-cluster.ts';

function rendered(clusterId: string, objects: KubernetesObject[], stacks: RenderedStack[] = []): RenderedCluster {
  const manifests = objects.map((object) => ({ object, file: `manifests/x/${object.metadata.name}.yaml`, line: 1 }));
  return {
    clusterId,
    version: 'v',
    files: new Map(),
    components: [{ name: 'x', manifests }],
    deletions: { preApply: [], postApply: [] },
    stackDeletions: { preApply: [], postApply: [] },
    stacks,
    archives: [],
    karpenterPools: [],
    secrets: [],
    refusals: [],
  };
}

const deployment = (name: string, image: string): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: { template: { spec: { containers: [{ name: 'web', image }] } } },
});
const secret = (data: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', labels: { app: String(Object.keys(data).length) } },
  data,
});

function diff(before: KubernetesObject[], after: KubernetesObject[]): ClusterDiff {
  return diffClusters(rendered('c', before), rendered('c', after));
}

t.test('objects added, removed and changed field by field', async (t) => {
  const changes = diff(
    [deployment('gone', 'i:1'), deployment('web', 'i:1')],
    [deployment('web', 'i:2'), deployment('new', 'i:1')],
  );
  t.equal(
    diffAsText(shareChanges([changes])),
    [
      '~ Deployment default/web (manifests/x/web.yaml)',
      '    spec.template.spec.containers[web].image: i:1 → i:2',
      '+ Deployment default/new (manifests/x/new.yaml)',
      '- Deployment default/gone (manifests/x/gone.yaml)',
      '',
      '1 added, 1 removed, 1 changed',
      '',
    ].join('\n'),
  );
  t.equal(diffAsText(shareChanges([diff([deployment('web', 'i:1')], [deployment('web', 'i:1')])])), 'No changes.\n');
});

t.test('another version of an API is the same object', async (t) => {
  const before = { ...deployment('web', 'i'), apiVersion: 'apps/v1beta1' };
  t.strictSame(
    diff([before], [deployment('web', 'i')]).changes.map(({ change }) => change),
    ['changed'],
  );
});

t.test('values of secrets are never shown', async (t) => {
  const changes = diff(
    [secret({ a: 'b2xk', gone: 'Z29uZQ==' })],
    [secret({ a: 'bmV3', come: 'Y29tZQ==', more: 'eA==' })],
  );
  const shared = shareChanges([changes]);
  t.equal(
    diffAsText(shared),
    [
      '~ Secret s (manifests/x/s.yaml)',
      '    metadata.labels.app: "2" → "3"',
      '    data.a: (secret) changed',
      '    data.come: added (secret)',
      '    data.more: added (secret)',
      '    data.gone: removed (secret)',
      '',
      '1 changed',
      '',
    ].join('\n'),
  );
  const everywhere = [diffAsText(shared), diffAsMarkdown(shared), JSON.stringify(shared)].join('\n');
  for (const value of ['b2xk', 'bmV3', 'Z29uZQ', 'Y29tZQ']) t.notMatch(everywhere, value);
  const whole = JSON.stringify(
    diff(
      [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } }],
      [{ ...secret({}), stringData: { a: 'new' } }],
    ),
  );
  t.notMatch(whole, 'bmV3');
  t.match(whole, '(secret: a)');
});

t.test('the same change in many clusters is said once', async (t) => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const diffs = ids.map((id) => {
    const after = [deployment('web', 'i:2'), ...(id === 'e' ? [deployment('only', 'i:1')] : [])];
    return diffClusters(rendered(id, [deployment('web', 'i:1')]), rendered(id, after));
  });
  const shared = shareChanges(diffs);
  t.equal(
    diffAsText(shared),
    [
      '~ Deployment default/web (manifests/x/web.yaml), all 5 clusters',
      '    spec.template.spec.containers[web].image: i:1 → i:2',
      '+ Deployment default/only (manifests/x/only.yaml), e',
      '',
      '1 added, 1 changed in 5 clusters',
      '',
    ].join('\n'),
  );
  t.equal(summary(shared), '1 added, 1 changed in 5 clusters');
});

t.test('what is applied is compared: neither what only the API server sets, nor how a Secret is written', async (t) => {
  const type = { apiVersion: 'v1', kind: 'Secret' };
  const written = { ...type, metadata: { name: 's' }, stringData: { a: 'x' } };
  const exported = { ...type, metadata: { name: 's', resourceVersion: '7', uid: 'u' }, data: { a: 'eA==' } };
  t.strictSame(diff([written], [exported]).changes, []);
  const text = diffAsText(shareChanges([diff([written], [{ ...written, stringData: { b: 'y' } }])]));
  t.match(text, /data\.b: {1,2}(— )?.*\(secret\)/);
  t.notMatch(text, 'eA==');
});

t.test('Markdown can not be broken by what manifests contain, and is cut at a whole change', async (t) => {
  const shared = shareChanges([diff([deployment('web', 'i:1')], [deployment('web', '`x`\n</details><script>')])]);
  t.match(
    diffAsMarkdown(shared),
    /- ``spec\.template\.spec\.containers\[web\]\.image: i:1 → "`x`\\n<\/details><script>"``\n/,
  );
  const many = shareChanges([
    diff(
      [],
      Array.from({ length: 50 }, (_, index) => deployment(`d${index}`, 'i')),
    ),
  ]);
  const cut = diffAsMarkdown(many, 500);
  t.ok(cut.length < 700);
  t.match(cut, /… and \d+ more changes\.\n$/);
});

t.test('of a node pool, the digest of its user data is shown, not the user data', async (t) => {
  const stack = (digest: string): RenderedStack => ({
    kind: 'node-pool',
    name: 'nodepool-a',
    file: 'cluster/node-pools/a/stack.yaml',
    template: `UserData: SECRET${digest}\n`,
    shown: `UserData: USERDATA-SHA256-${digest}\n`,
    tags: {},
  });
  const changes = diffClusters(rendered('c', [], [stack('1')]), rendered('c', [], [stack('2')]));
  t.match(diffAsText(shareChanges([changes])), 'lines[]: UserData: USERDATA-SHA256-1 → UserData: USERDATA-SHA256-2');
  t.notMatch(JSON.stringify(changes), 'SECRET');
});
