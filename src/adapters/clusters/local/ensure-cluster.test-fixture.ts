import { clusterProviderOf } from '../cluster-provider-of.ts';

// Run by a test as a process of its own, to be killed in the middle: STATE NAME NODES.
const [stateDirectory = '', name = '', nodes = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const provider = clusterProviderOf('local', { stateDirectory, report: () => {}, signal });
await provider.ensure(
  { name, nodes: Number(nodes), owner: 'test', expiresAt: undefined },
  AbortSignal.timeout(120_000),
);
