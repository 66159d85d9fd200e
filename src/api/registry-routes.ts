import { z } from 'zod';
import { type Cluster, cluster, clusterStatus, lifecycleStatuses } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Store } from '../ports/store.ts';
import type { App } from './app.ts';
import { userOf } from './authentication.ts';
import { accountsOf, toRegistryCluster } from './registry-cluster.ts';

const tags = ['registry'];
/** Config items may be whole files. */
const bodyLimit = 1024 * 1024;
const params = z.object({ id: z.string() });
const filters = z.object({
  id: z.string().optional(),
  alias: z.string().optional(),
  local_id: z.string().optional(),
  channel: z.string().optional(),
  environment: z.string().optional(),
  provider: z.string().optional(),
  region: z.string().optional(),
  infrastructure_account: z.string().optional(),
  lifecycle_status: z.enum(lifecycleStatuses).optional(),
});
/** What whoever registers a cluster says; what only its rollouts know stays as it is where it isn't said. */
const registration = cluster.extend({
  created_at: z.string().optional(),
  lifecycle_status: z.enum(lifecycleStatuses).optional(),
  status: clusterStatus.optional(),
});
const patch = z.strictObject({
  lifecycle_status: z.enum(lifecycleStatuses).optional(),
  status: clusterStatus.optional(),
});
const account = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  owner: z.string(),
  environment: z.string(),
  external_id: z.string(),
  lifecycle_status: z.string(),
});

/** The Cluster Registry API, as the Cluster Lifecycle Manager calls it: every answer is 200 with a complete cluster. */
export function registryRoutes(app: App, { clusters, audit }: Pick<Store, 'clusters' | 'audit'>): void {
  const find = async (id: string): Promise<Cluster> => {
    const found = await clusters.get(id);
    if (!found) throw missing(id);
    return found;
  };
  const note = (actor: string, action: string, subject: string, detail: string) =>
    audit.append({ at: Date.now(), actor, action, subject, detail });

  const list = {
    tags,
    summary: 'Clusters, oldest first',
    querystring: filters,
    response: { 200: z.object({ items: z.array(cluster) }) },
  };
  app.get('/kubernetes-clusters', { schema: list }, async ({ query }) => {
    const wanted = Object.entries(query);
    const matches = (one: Cluster) =>
      wanted.every(([field, value]) => value === undefined || Reflect.get(one, field) === value);
    return { items: (await clusters.list()).filter(matches).map(toRegistryCluster) };
  });

  const response = { 200: cluster };
  const one = { tags, summary: 'A cluster', params, response };
  app.get('/kubernetes-clusters/:id', { schema: one }, async ({ params }) => toRegistryCluster(await find(params.id)));

  const put = { tags, summary: 'Registers a cluster, or replaces its record', params, body: registration, response };
  app.put(
    '/kubernetes-clusters/:id',
    { schema: put, bodyLimit, config: { role: 'administrator' } },
    async (request) => {
      const { params, body } = request;
      if (body.id !== params.id)
        throw new FairwayError('refused', `the body's id is ${body.id}, the path's ${params.id}`);
      const replaced = await clusters.update(params.id, ({ created_at, lifecycle_status, status }) =>
        cluster.parse({ created_at, lifecycle_status, status, ...body }),
      );
      const record = replaced ?? cluster.parse({ created_at: new Date().toISOString(), ...body });
      if (!replaced) await clusters.put(record);
      const outcome = replaced ? 'updated' : 'created';
      await note(
        userOf(request),
        `cluster.${outcome}`,
        record.id,
        `channel ${record.channel}, ${record.lifecycle_status}`,
      );
      return toRegistryCluster(record);
    },
  );

  const change = {
    tags,
    summary: 'Sets lifecycle status or status; status is replaced whole',
    params,
    body: patch,
    response,
  };
  app.patch(
    '/kubernetes-clusters/:id',
    { schema: change, bodyLimit, config: { role: 'operator' } },
    async (request) => {
      const { lifecycle_status, status } = request.body;
      const patched = await clusters.update(request.params.id, (record) => ({
        ...record,
        ...(lifecycle_status === undefined ? {} : { lifecycle_status }),
        ...(status === undefined ? {} : { status }),
      }));
      if (!patched) throw missing(request.params.id);
      await note(userOf(request), 'cluster.patched', patched.id, JSON.stringify(request.body));
      return toRegistryCluster(patched);
    },
  );

  const value = z.object({ value: z.string() });
  const item = {
    tags,
    summary: 'Sets a config item',
    params: params.extend({ key: z.string() }),
    body: value,
    response: { 200: value },
  };
  app.put(
    '/kubernetes-clusters/:id/config-items/:key',
    { schema: item, bodyLimit, config: { role: 'operator' } },
    async (request) => {
      const { id, key } = request.params;
      const changed = await clusters.update(id, (record) => ({
        ...record,
        config_items: { ...record.config_items, [key]: request.body.value },
      }));
      if (!changed) throw missing(id);
      await note(userOf(request), 'cluster.config-item', id, key);
      return { value: request.body.value };
    },
  );

  const accounts = {
    tags,
    summary: 'The accounts that the clusters live in',
    querystring: z.object({ lifecycle_status: z.string().optional() }),
    response: { 200: z.object({ items: z.array(account) }) },
  };
  app.get('/infrastructure-accounts', { schema: accounts }, async ({ query }) => {
    if (query.lifecycle_status !== undefined && query.lifecycle_status !== 'ready') return { items: [] };
    return { items: accountsOf(await clusters.list()) };
  });
}

function missing(id: string): FairwayError {
  return new FairwayError('missing', `there is no cluster ${id} in the registry`);
}
