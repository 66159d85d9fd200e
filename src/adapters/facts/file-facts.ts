import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import { describeIssue } from '../../domain/schema-issue.ts';
import type { ClusterFacts, InstanceType } from '../../ports/cluster-facts.ts';

const instanceType = z.object({
  vcpu: z.int().positive(),
  memoryMiB: z.int().positive(),
  architecture: z.string().default('amd64'),
  disks: z.int().nonnegative().default(0),
  diskSizeGB: z.int().nonnegative().default(0),
});

const subnet = z.object({
  id: z.string().min(1),
  az: z.string().min(1),
  cidr: z.string(),
  ipv6Cidrs: z.array(z.string()).optional(),
  tags: z.record(z.string(), z.string()).default({}),
});

const factsFile = z.strictObject({
  vpcId: z.string().optional(),
  vpcCidr: z.string().default(''),
  vpcIpv6Cidrs: z.array(z.string()).default([]),
  subnets: z.array(subnet).default([]),
  loadBalancerCertificate: z.string().optional(),
  etcdKmsKeyArn: z.string().optional(),
  instanceTypes: z.record(z.string(), instanceType).default({}),
  amis: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  stackOutputs: z.record(z.string(), z.string()).default({}),
});

export type FactsFile = z.infer<typeof factsFile>;

const maxBytes = 16 * 1024 * 1024;

/** Reads a facts file. Throws a FairwayError that names the file and the wrong field. */
export async function readFactsFile(path: string): Promise<FactsFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new FairwayError('missing', `facts file ${path}: ${messageOf(error)}`);
  });
  if (text.length > maxBytes) throw new FairwayError('refused', `facts file ${path} has more than ${maxBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FairwayError('refused', `facts file ${path} is no JSON: ${messageOf(error)}`);
  }
  const parsed = factsFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(describeIssue);
  const told = faults.length === 1 ? ` ${faults.join()}` : faults.map((fault) => `\n  ${fault}`).join('');
  throw new FairwayError('refused', `facts file ${path}:${told}`);
}

/**
 * The facts of a cluster from a file instead of from AWS: config items are decrypted by decoding their base64, and stack
 * outputs that the file doesn't list are `arn:aws:stub:<region>:<account>:<key>`.
 */
export function fileFacts(facts: FactsFile, cluster: { region: string; infrastructure_account: string }): ClusterFacts {
  const types = new Map<string, InstanceType>();
  for (const [name, type] of Object.entries(facts.instanceTypes)) types.set(name, { name, ...type });
  const account = cluster.infrastructure_account.replace(/^aws:/, '');
  const outputs = new StubbedOutputs(facts.stackOutputs, `arn:aws:stub:${cluster.region}:${account}`);

  function given<T>(value: T | undefined, field: string): Promise<T> {
    if (value !== undefined) return Promise.resolve(value);
    return Promise.reject(new FairwayError('missing', `the facts file does not give ${field}`));
  }

  return {
    async network() {
      const { vpcId, vpcCidr, vpcIpv6Cidrs, subnets } = facts;
      if (subnets.length === 0) await given(vpcId, 'vpcId and subnets');
      const withoutUndefined = subnets.map(({ ipv6Cidrs, ...rest }) => (ipv6Cidrs ? { ...rest, ipv6Cidrs } : rest));
      return { vpcId, vpcCidr, vpcIpv6Cidrs, subnets: withoutUndefined };
    },
    loadBalancerCertificate: () => given(facts.loadBalancerCertificate, 'loadBalancerCertificate'),
    etcdKmsKeyArn: () => given(facts.etcdKmsKeyArn, 'etcdKmsKeyArn'),
    instanceTypes: () => Promise.resolve(types),
    imageId(name, owner) {
      const id = facts.amis[owner]?.[name];
      if (id !== undefined) return Promise.resolve(id);
      return Promise.reject(new FairwayError('missing', `no image found with name: ${name} and owner: ${owner}`));
    },
    decrypt: (ciphertext) => Promise.resolve(Buffer.from(ciphertext, 'base64').toString('utf8')),
    stackOutputs: () => Promise.resolve(outputs),
  };
}

/** Listed outputs as they are; for any other key a stub, so that a render without AWS is complete. */
class StubbedOutputs extends Map<string, string> {
  readonly #prefix: string;

  constructor(listed: Record<string, string>, prefix: string) {
    super(Object.entries(listed));
    this.#prefix = prefix;
  }

  override get(key: string): string {
    return super.get(key) ?? `${this.#prefix}:${key}`;
  }

  override has(_key: string): boolean {
    return true;
  }
}
