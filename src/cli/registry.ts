import { Command } from 'commander';
import { z } from 'zod';
import { type Cluster, cluster } from '../domain/cluster.ts';
import { ApiClient, type ApiOptions, withApi } from './api-client.ts';
import { readRegistrations } from './cluster-file.ts';
import { table } from './table.ts';
import { print } from './terminal.ts';

const items = z.object({ items: z.array(cluster) });

/** `fairway registry`: which clusters there are, and what the registry says of each. */
export function registryCommand(): Command {
  const command = new Command('registry').description('list, show and register the clusters that last');
  withApi(command.command('list').description('the clusters of the registry'))
    .option('--channel <name>', 'only of this channel')
    .action(async (options: ApiOptions & { channel?: string }) => {
      const query = options.channel === undefined ? '' : `?channel=${encodeURIComponent(options.channel)}`;
      const found = await (await ApiClient.find(options)).get(`/registry/kubernetes-clusters${query}`, items);
      print(options.output === 'json' ? `${JSON.stringify(found)}\n` : describe(found.items));
    });
  withApi(command.command('get').description('one cluster, as JSON'))
    .argument('<id>')
    .action(async (id: string, options: ApiOptions) => {
      const path = `/registry/kubernetes-clusters/${encodeURIComponent(id)}`;
      print(`${JSON.stringify(await (await ApiClient.find(options)).get(path, cluster), null, 2)}\n`);
    });
  withApi(command.command('apply').description('register the clusters of a file, or replace their records'))
    .argument('<file>', 'YAML or JSON: {clusters: […]}, {items: […]}, a list, or one cluster')
    .action(async (file: string, options: ApiOptions) => {
      const registrations = await readRegistrations(file);
      const api = await ApiClient.find(options);
      const kept: Cluster[] = [];
      for (const { cluster: one, written } of registrations)
        kept.push(await api.put(`/registry/kubernetes-clusters/${encodeURIComponent(one.id)}`, written, cluster));
      print(options.output === 'json' ? `${JSON.stringify({ items: kept })}\n` : describe(kept));
    });
  return command;
}

function describe(clusters: Cluster[]): string {
  const rows = clusters.map((one) => [
    one.id,
    one.channel,
    one.lifecycle_status,
    one.provider,
    one.status.current_version,
  ]);
  return table([['CLUSTER', 'CHANNEL', 'STATUS', 'PROVIDER', 'VERSION'], ...rows]);
}
