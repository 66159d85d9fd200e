import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type FactsFile, fileFacts } from '../adapters/facts/file-facts.ts';
import { type Cluster, cluster } from '../domain/cluster.ts';
import type { ClusterFacts } from '../ports/cluster-facts.ts';
import { renderCluster } from './render-cluster.ts';
import type { RenderedCluster } from './rendered-cluster.ts';
import { textOf } from './template/byte-string.ts';

type Test = { teardown(action: () => unknown): void };

/** Files by path; `-> target` makes a symlink. */
export type SampleFiles = Readonly<Record<string, string | Buffer>>;

/** A temporary folder with these files. */
export async function sampleFolder(t: Test, files: SampleFiles): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-sample-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    const target = typeof content === 'string' && content.startsWith('-> ') ? content.slice(3) : undefined;
    if (target === undefined) await writeFile(join(directory, path), content);
    else await symlink(target, join(directory, path));
  }
  return directory;
}

type ClusterFields = Readonly<Record<string, unknown>>;

/** A cluster in AWS with what the fields say instead. */
export function sampleCluster(fields: ClusterFields = {}): Cluster {
  return cluster.parse({
    id: 'aws:123456789012:eu-central-1:kube-1',
    alias: 'probe',
    local_id: 'kube-1',
    api_server_url: 'https://kube-1.example.org',
    channel: 'dev',
    provider: 'zalando-aws',
    region: 'eu-central-1',
    infrastructure_account: 'aws:123456789012',
    environment: 'test',
    criticality_level: 2,
    ...fields,
  });
}

const node = 'kubernetes.io/role/node';
const elb = 'kubernetes.io/role/elb';

export const sampleFacts: FactsFile = {
  vpcId: 'vpc-1',
  vpcCidr: '172.31.0.0/16',
  vpcIpv6Cidrs: ['2001:db8::/56'],
  subnets: [
    { id: 'subnet-b', az: 'eu-central-1b', cidr: '172.31.32.0/20', tags: { [node]: '1', [elb]: '1' } },
    { id: 'subnet-a', az: 'eu-central-1a', cidr: '172.31.0.0/20', tags: { [node]: '1', [elb]: '1' } },
  ],
  loadBalancerCertificate: 'arn:cert',
  etcdKmsKeyArn: 'arn:key',
  instanceTypes: {
    'm5.large': { vcpu: 2, memoryMiB: 8192, architecture: 'amd64', disks: 0, diskSizeGB: 0 },
    'm6gd.xlarge': { vcpu: 4, memoryMiB: 16384, architecture: 'arm64', disks: 2, diskSizeGB: 237 },
    't2.micro': { vcpu: 1, memoryMiB: 1024, architecture: 'amd64', disks: 0, diskSizeGB: 0 },
  },
  amis: { '1': { image: 'ami-1' } },
  stackOutputs: { Listed: 'listed-value' },
};

interface Sample {
  files: SampleFiles;
  /** Further sources, `second` and `third`. */
  more?: readonly SampleFiles[];
  cluster?: Cluster;
  listed?: readonly Cluster[];
  facts?: Partial<FactsFile> | ClusterFacts;
}

/** Renders a repository made for the test. */
export async function renderSample(t: Test, sample: Sample): Promise<RenderedCluster> {
  const rendered = sample.cluster ?? sampleCluster();
  const names = ['main', 'second', 'third'];
  const sources: { name: string; directory: string }[] = [];
  for (const [index, files] of [sample.files, ...(sample.more ?? [])].entries()) {
    sources.push({ name: names[index] ?? 'other', directory: await sampleFolder(t, files) });
  }
  const controller = new AbortController();
  t.teardown(() => controller.abort());
  const { facts = {} } = sample;
  return renderCluster({
    sources,
    cluster: rendered,
    ...(sample.listed === undefined ? {} : { listed: sample.listed }),
    facts: 'network' in facts ? facts : fileFacts({ ...sampleFacts, ...facts }, rendered),
    signal: controller.signal,
  });
}

/** What one template renders to, as cluster.yaml or as another file, or why it is refused. */
export async function renderProbe(
  t: Test,
  template: string,
  sample: Partial<Sample> & { as?: string; output?: string } = {},
): Promise<string> {
  const { as = 'cluster/cluster.yaml', output = as.replace(/^cluster\//, ''), files = {}, ...rest } = sample;
  const { files: outputs, refusals } = await renderSample(t, { ...rest, files: { ...files, [as]: template } });
  const text = outputs.get(output);
  if (text !== undefined) return textOf(text);
  return refusals.find((refusal) => refusal.output === output)?.message ?? 'not rendered';
}
