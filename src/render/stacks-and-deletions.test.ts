import { createHash } from 'node:crypto';
import t from 'tap';
import { describeRefusal } from './refusal.ts';
import { renderSample, sampleCluster } from './render-sample.test-fixture.ts';

const id = 'aws:123456789012:eu-central-1:kube-1';
const bucket = 'cluster-lifecycle-manager-123456789012-eu-central-1';

t.test('stacks of etcd, the cluster and cf-manifests have their names and tags', async (t) => {
  const { stacks, refusals } = await renderSample(t, {
    cluster: sampleCluster({ config_items: { etcd_instance_type: 'm5.large', etcd_stack_name: 'my-etcd' } }),
    files: {
      'cluster/etcd/files.yaml': 'files: []',
      'cluster/etcd/stack.yaml': 'a: 1',
      'cluster/cluster.yaml': 'a: 1',
      'cluster/cf-manifests/b.yaml': 'Metadata: {StackName: "{{ .Cluster.Alias }}-b", Tags: {x: y}}',
      'cluster/cf-manifests/a.yml': 'Metadata:\n  StackName: a\n',
      'cluster/cf-manifests/empty.yaml': ' \n{{ if false }}x{{ end }}\n',
    },
  });
  t.strictSame(refusals, []);
  t.strictSame(
    stacks.map(({ kind, name, tags }) => [kind, name, tags]),
    [
      ['etcd', 'my-etcd', { application: 'kubernetes', component: 'etcd-cluster' }],
      [
        'cluster',
        'kube-1',
        { [`kubernetes.io/cluster/${id}`]: 'owned', 'cluster-lifecycle-controller.zalando.org/main-stack': 'true' },
      ],
      ['manifest', 'a', { [`kubernetes.io/cluster/${id}`]: 'owned' }],
      ['manifest', 'probe-b', { [`kubernetes.io/cluster/${id}`]: 'owned' }],
    ],
  );
});

t.test('a cf-manifest without a name is refused', async (t) => {
  const { refusals } = await renderSample(t, { files: { 'cluster/cf-manifests/a.yaml': 'Resources: {}\n' } });
  t.strictSame(refusals.map(describeRefusal), [
    'cluster/cf-manifests/a.yaml: the template names no stack; give it a Metadata with a StackName',
  ]);
});

t.test('on EKS the tag of a cf-manifest has the alias', async (t) => {
  const { stacks } = await renderSample(t, {
    cluster: sampleCluster({ provider: 'zalando-eks' }),
    files: { 'cluster/cf-manifests/a.yaml': 'Metadata: {StackName: a}' },
  });
  t.strictSame(stacks[0]?.tags, { 'kubernetes.io/cluster/probe': 'owned' });
});

t.test('a large template goes to the bucket, but not those of etcd and of pools', async (t) => {
  const large = (bytes: number) => `# ${'ä'.repeat((bytes - 2) / 2)}`;
  const { stacks } = await renderSample(t, {
    cluster: sampleCluster({
      config_items: { etcd_instance_type: 'm5.large' },
      node_pools: [{ name: 'w', profile: 'p', instance_types: ['m5.large'] }],
    }),
    files: {
      'cluster/etcd/files.yaml': 'files: []',
      'cluster/etcd/stack.yaml': large(60_000),
      'cluster/cluster.yaml': large(51_202),
      'cluster/cf-manifests/a.yaml': `Metadata: {StackName: a}\n${large(51_200)}`,
      'cluster/node-pools/p/files.yaml': '',
      'cluster/node-pools/p/userdata.yaml': '',
      'cluster/node-pools/p/stack.yaml': large(60_000),
    },
  });
  const key = createHash('sha256').update('main/cluster/cf-manifests/a.yaml').digest('hex');
  t.strictSame(
    stacks.map(({ kind, upload }) => [kind, upload]),
    [
      ['etcd', undefined],
      ['cluster', { bucket, key: `${id}.template` }],
      ['manifest', { bucket, key: `${key}.template` }],
      ['node-pool', undefined],
    ],
  );
  const exact = await renderSample(t, { files: { 'cluster/cluster.yaml': large(51_200) } });
  t.equal(exact.stacks[0]?.upload, undefined);
});

t.test(
  'deletions: every field, unknown ones ignored, scalars as they stand, sources one after the other',
  async (t) => {
    const { deletions, stackDeletions, refusals } = await renderSample(t, {
      files: {
        'cluster/manifests/deletions.yaml':
          'pre_apply:\n- {name: 1.10, namespace: 007, kind: Job, more: x}\n- kind: Pod\n  labels: {app: x, on: yes}\n  has_owner: false\n  grace_period_seconds: 0\n  propagation_policy: Orphan\npost_apply:\nother: 1\n',
        'cluster/cf-manifests/cf-deletions.yaml': 'pre_apply: [{stackName: a}]\n',
      },
      more: [
        {
          'cluster/manifests/deletions.yaml':
            'post_apply: [{kind: A, selector: "a in (b)"}]\npre_apply: [{kind: B, name: b}]',
          'cluster/cf-manifests/deletions.yaml': '# earlier layout\npre_apply: []\npost_apply:\n- "old"\n',
        },
      ],
    });
    t.strictSame(refusals, []);
    t.strictSame(deletions, {
      preApply: [
        { kind: 'Job', namespace: '007', name: '1.10' },
        {
          kind: 'Pod',
          labels: { app: 'x', on: 'yes' },
          hasOwner: false,
          gracePeriodSeconds: 0,
          propagationPolicy: 'Orphan',
        },
        { kind: 'B', name: 'b' },
      ],
      postApply: [{ kind: 'A', selector: 'a in (b)' }],
    });
    t.strictSame(stackDeletions, { preApply: ['a'], postApply: ['old'] });
  },
);

t.test('deletions that can not be carried out are all told', async (t) => {
  const { refusals } = await renderSample(t, {
    files: {
      'cluster/manifests/deletions.yaml':
        'pre_apply:\n- {kind: A}\n- {name: a}\n- {kind: A, name: a, selector: b}\npost_apply:\n- {kind: A, name: a, has_owner: true}\n',
      'cluster/cf-manifests/cf-deletions.yaml': 'pre_apply: [{name: a}]\npost_apply: {}\n',
    },
  });
  t.strictSame(refusals.map(describeRefusal), [
    [
      'cluster/manifests/deletions.yaml:2:3: pre_apply[0] (A) needs exactly one of name, selector and labels',
      'pre_apply[1] needs a kind',
      'pre_apply[2] (A) needs exactly one of name, selector and labels',
      'post_apply[0] (A a): has_owner goes with selector or labels only',
      '  - {kind: A}',
      '    ^',
    ].join('\n'),
    [
      'cluster/cf-manifests/cf-deletions.yaml:2:13: yaml: unmarshal errors:',
      '  line 2: cannot unmarshal !!map into []*kubernetes.Resource',
      '  post_apply: {}',
      '              ^',
    ].join('\n'),
  ]);
});
