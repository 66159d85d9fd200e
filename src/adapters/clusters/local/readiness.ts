import { z } from 'zod';
import type { ApiClient } from './api-client.ts';
import { hasKubeProxyOfItsOwn } from './kube-proxy.ts';

const nodeList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({
        conditions: z
          .array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') }))
          .default([]),
      }),
    }),
  ),
});

export async function apiAnswers(api: ApiClient): Promise<boolean> {
  return (await api.call('GET', '/readyz', undefined, 10_000)).status === 200;
}

/** The network that pods have and what is to be Ready in it; absent for a control plane without nodes. */
export interface Expected {
  nodes: { name: string; address: string; folder: string }[];
  dnsServer: string;
}

/** What the cluster still lacks to be ready, as a sentence; undefined when it lacks nothing. */
export async function whatIsLacking(api: ApiClient, expected: Expected | undefined): Promise<string | undefined> {
  const health = await api.call('GET', '/readyz');
  if (health.status !== 200) return 'the API server is not ready yet';
  const account = await api.call('GET', '/api/v1/namespaces/default/serviceaccounts/default');
  if (account.status !== 200) return 'the namespace default has no service account yet';
  if (expected === undefined) return undefined;
  const names = expected.nodes.map(({ name }) => name);
  return (await lackOfNodes(api, names)) ?? (await lackOfNetwork(expected));
}

async function lackOfNodes(api: ApiClient, names: string[]): Promise<string | undefined> {
  const answer = await api.call('GET', '/api/v1/nodes');
  if (answer.status !== 200) return 'the API server does not list the nodes yet';
  const { items } = nodeList.parse(JSON.parse(answer.text));
  for (const name of names) {
    const node = items.find(({ metadata }) => metadata.name === name);
    if (node === undefined) return `${name} has not registered yet`;
    const condition = node.status.conditions.find(({ type }) => type === 'Ready');
    if (condition?.status !== 'True') {
      return `${name} is not Ready yet: ${condition?.message || 'no word from its kubelet'}`;
    }
  }
  return undefined;
}

async function lackOfNetwork({ nodes, dnsServer }: Expected): Promise<string | undefined> {
  for (const { name, address, folder } of nodes) {
    if (await hasKubeProxyOfItsOwn(folder)) continue;
    if (!(await isWell(`http://${address}:10256/healthz`))) return `services can't be reached from ${name} yet`;
  }
  return (await isWell(`http://${dnsServer}:8181/ready`)) ? undefined : 'the DNS server is not ready yet';
}

async function isWell(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
