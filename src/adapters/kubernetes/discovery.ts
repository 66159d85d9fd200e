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

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const discoveryList = z.object({
  kind: z.literal('APIGroupDiscoveryList'),
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string().default('') }).default({ name: '' }),
      versions: z.array(
        z.object({
          version: z.string(),
          freshness: z.string().default('Current'),
          resources: z
            .array(
              z.object({
                resource: z.string(),
                responseKind: z.object({ kind: z.string() }).nullish(),
                scope: z.string().optional(),
                singularResource: z.string().optional(),
                shortNames: z.array(z.string()).optional(),
              }),
            )
            .default([]),
        }),
      ),
    }),
  ),
});

type Group = z.infer<typeof discoveryList>['items'][number];

interface Kinds {
  resources: Resource[];
  /** Whose API server does not answer, as `group/version`: what is listed of them may be incomplete. */
  stale: Set<string>;
}

/** What kinds a cluster serves. Read once and kept; read anew when something is asked for that was not there. */
export class Discovery {
  readonly #server: ApiServer;
  #kinds: Promise<Kinds> | undefined;

  constructor(server: ApiServer) {
    this.#server = server;
  }

  /** In the API server's own order of preference. */
  async resources(signal: AbortSignal): Promise<Resource[]> {
    return (await this.#known(signal)).resources;
  }

  /** Whether the API server behind this aggregated API is down, so that its kinds may be missing. */
  async isStale(apiVersion: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#known(signal)).stale.has(apiVersion);
  }

  /** Forgets what was read, after a CRD or APIService came or went. */
  refresh(): void {
    this.#kinds = undefined;
  }

  async #known(signal: AbortSignal): Promise<Kinds> {
    this.#kinds ??= this.#read(signal);
    try {
      return await this.#kinds;
    } catch (error) {
      this.#kinds = undefined;
      throw error;
    }
  }

  async #read(signal: AbortSignal): Promise<Kinds> {
    const groups = (await Promise.all(['/api', '/apis'].map((path) => this.#readRoot(path, signal)))).flat();
    const stale = groups.flatMap(({ metadata, versions }) =>
      versions
        .filter(({ freshness }) => freshness === 'Stale')
        .map(({ version }) => apiVersionOf({ group: metadata.name, version })),
    );
    return { resources: groups.flatMap(resourcesOf), stale: new Set(stale) };
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

function resourcesOf(group: Group): Resource[] {
  return group.versions.flatMap(({ version, resources }) =>
    resources.flatMap((resource): Resource[] => {
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
