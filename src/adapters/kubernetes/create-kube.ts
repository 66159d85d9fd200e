import { randomUUID } from 'node:crypto';
import type { ClusterClient, Kube } from '../../ports/kube.ts';
import { apiReadiness } from './api-readiness.ts';
import { ApiServer } from './api-server.ts';
import { applyManifests } from './apply.ts';
import { BuiltInDns } from './built-in-dns.ts';
import { ClusterMemory } from './cluster-memory.ts';
import { deleteAll } from './delete-all.ts';
import { deleteOnce } from './delete-once.ts';
import { healthOf } from './health/health-of.ts';
import { InventoryStore } from './inventory-store.ts';
import { nodeLoads } from './node-loads.ts';
import { summarizeNodes } from './nodes.ts';
import { ObjectApi } from './object-api.ts';
import { planPrune } from './prune/plan-prune.ts';
import { prune } from './prune/prune.ts';
import { inventoryObjects } from './prune/prune-census.ts';
import { pruneGuards } from './prune/prune-guards.ts';
import { serverVersion } from './server-version.ts';
import { serviceEndpoints } from './service-endpoints.ts';

/** The Kubernetes adapter. Clients keep connections and the list of kinds between calls. */
export function createKube(): Kube {
  return { connect: connectCluster };
}

function connectCluster(kubeconfig: string): ClusterClient {
  const api = new ObjectApi(new ApiServer(kubeconfig));
  const inventory = new InventoryStore(api);
  const memory = new ClusterMemory(api);
  const dns = new BuiltInDns(api);
  return {
    async apply(manifests, signal, options = { attempt: randomUUID(), hooks: 'wait' }) {
      await dns.giveWay(manifests, signal);
      const outcome = await applyManifests(api, memory, manifests, options, signal);
      await dns.settle(signal);
      return outcome;
    },
    planPrune: (desired, signal) => planPrune(api, inventory, desired, signal),
    pruneGuards: (desired, signal) => pruneGuards(api, inventory, desired, signal),
    async prune(desired, signal) {
      const outcome = await prune(api, inventory, desired, signal);
      await dns.settle(signal);
      return outcome;
    },
    record: ({ manifests, revision }, signal) => inventory.add(inventoryObjects(manifests), revision, signal),
    inventory: (signal) => inventory.read(signal),
    async delete(deletions, signal, once) {
      const outcome =
        once === undefined
          ? await deleteAll(api, deletions, signal)
          : await deleteOnce(api, memory, deletions, once, signal);
      if (deletions.length > 0) await dns.settle(signal);
      return outcome;
    },
    health: (objects, signal) => healthOf(api, memory, objects, signal),
    nodes: (signal) => summarizeNodes(api, signal),
    nodeLoads: (signal) => nodeLoads(api, signal),
    serviceEndpoints: (signal) => serviceEndpoints(api, inventory, signal),
    apiReadiness: (signal) => apiReadiness(api.server, signal),
    version: (signal) => serverVersion(api.server, signal),
  };
}
