import { z } from 'zod';
import { FairwayError } from '../../domain/errors.ts';
import type { ApiServer } from './api-server.ts';

/** A kind as the API server serves it. */
export interface Resource {
  /** `''` for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  /** Lower-case words that kubectl knows it by: plural, singular, kind, short names. */
  words: string[];
  namespaced: boolean;
}

export interface ServedResource extends Resource {
  /** What can be done with it: `list`, `delete`, … */
  verbs: string[];
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const discoveryList = z.object({
  kind: z.literal('APIGroupDiscoveryList'),
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string().default('') }).default({ name: '' }),
      versions: z.array(
        z.object({
          version: z.string(),
          resources: z
            .array(
              z.object({
                resource: z.string(),
                responseKind: z.object({ kind: z.string() }).nullish(),
                scope: z.string().optional(),
                singularResource: z.string().optional(),
                shortNames: z.array(z.string()).optional(),
                verbs: z.array(z.string()).default([]),
              }),
            )
            .default([]),
        }),
      ),
    }),
  ),
});

type Group = z.infer<typeof discoveryList>['items'][number];

/** What kinds a cluster serves. Read once and kept; read anew when something is asked for that was not there. */
export class Discovery {
  readonly #server: ApiServer;
  #kinds: Promise<ServedResource[]> | undefined;

  constructor(server: ApiServer) {
    this.#server = server;
  }

  /** In the API server's own order of preference. */
  async resources(signal: AbortSignal): Promise<ServedResource[]> {
    this.#kinds ??= this.#read(signal);
    try {
      return await this.#kinds;
    } catch (error) {
      this.#kinds = undefined;
      throw error;
    }
  }

  /** Forgets what was read, after a CRD or APIService came or went. */
  refresh(): void {
    this.#kinds = undefined;
  }

  async #read(signal: AbortSignal): Promise<ServedResource[]> {
    const groups = await Promise.all(['/api', '/apis'].map((path) => this.#readRoot(path, signal)));
    return groups.flat().flatMap(resourcesOf);
  }

  async #readRoot(path: string, signal: AbortSignal): Promise<Group[]> {
    const answer = await this.#server.request({ method: 'GET', path, accept: AGGREGATED }, signal);
    if (answer.outcome === 'refused') {
      throw new FairwayError('forbidden', `${this.#server.url}${path}: ${answer.message}`);
    }
    const list = discoveryList.safeParse(answer.body);
    if (!list.success) {
      throw new FairwayError(
        'refused',
        `The API server at ${this.#server.url} has no aggregated discovery: Kubernetes 1.27 or newer is needed.`,
      );
    }
    return list.data.items;
  }
}

function resourcesOf(group: Group): ServedResource[] {
  return group.versions.flatMap(({ version, resources }) =>
    resources.flatMap((resource): ServedResource[] => {
      const kind = resource.responseKind?.kind;
      if (kind === undefined || kind === '') return [];
      const words = [resource.resource, resource.singularResource ?? '', kind, ...(resource.shortNames ?? [])];
      return [
        {
          group: group.metadata.name,
          version,
          kind,
          plural: resource.resource,
          words: words.filter((word) => word !== '').map((word) => word.toLowerCase()),
          namespaced: resource.scope === 'Namespaced',
          verbs: resource.verbs,
        },
      ];
    }),
  );
}

/** `apps/v1` or `v1`. */
export function apiVersionOf(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** `apps` of `apps/v1`, `''` of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
