import { z } from 'zod';
import type { ApiServer } from '../../adapters/kubernetes/api-server.ts';
import { Discovery, type ServedResource } from '../../adapters/kubernetes/discovery.ts';
import { collectionPath } from '../../adapters/kubernetes/object-api.ts';

/** What controllers make and delete by themselves. */
const ofControllers = new Set([
  'Event',
  'Lease',
  'EndpointSlice',
  'Endpoints',
  'ReplicaSet',
  'Pod',
  'ControllerRevision',
]);
/** Fairway's own. */
const books = /^ConfigMap kube-system\/fairway-(inventory|memory)/;

/** On APIServices that the API server makes for a CRD. */
const automanaged = 'kube-aggregator.kubernetes.io/automanaged';

const list = z.object({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({
        name: z.string(),
        namespace: z.string().optional(),
        resourceVersion: z.string().optional(),
        managedFields: z.unknown().optional(),
        labels: z.record(z.string(), z.string()).default({}),
        annotations: z.record(z.string(), z.string()).default({}),
      }),
      status: z.unknown().optional(),
    }),
  ),
});
type Item = z.infer<typeof list>['items'][number];

/** Every object of the cluster, of every kind, by its name, with its content and, where nobody but its owner writes it, its version. */
export async function wholeCluster(server: ApiServer, signal: AbortSignal): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (const resource of await listedKinds(server, signal)) {
    const answer = await server.request({ method: 'GET', path: collectionPath(resource, undefined) }, signal);
    // A CRD may have gone in between.
    if (answer.outcome === 'refused') continue;
    for (const item of list.parse(answer.body).items) {
      const { name, namespace } = item.metadata;
      const key = `${resource.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
      if (!books.test(key) && !(automanaged in item.metadata.labels)) all.set(key, contentOf(item));
    }
  }
  return all;
}

/** Controllers write `status`, and count a Deployment's revisions, when they please. */
function contentOf({ status, metadata, ...fields }: Item): string {
  const { managedFields: _, resourceVersion, annotations, ...rest } = metadata;
  const { 'deployment.kubernetes.io/revision': _revision, ...others } = annotations;
  const version = status === undefined ? { resourceVersion } : {};
  return JSON.stringify({ ...fields, metadata: { ...rest, ...version, annotations: others } });
}

/** Each in the version that the API server prefers. */
async function listedKinds(server: ApiServer, signal: AbortSignal): Promise<ServedResource[]> {
  const kinds = new Map<string, ServedResource>();
  for (const resource of await new Discovery(server).resources(signal)) {
    const key = `${resource.group}/${resource.kind}`;
    const isListed = resource.verbs.includes('list') && !ofControllers.has(resource.kind);
    if (isListed && !kinds.has(key)) kinds.set(key, resource);
  }
  return [...kinds.values()];
}
