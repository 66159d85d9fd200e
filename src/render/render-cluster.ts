import type { Cluster } from '../domain/cluster.ts';
import type { ClusterFacts } from '../ports/cluster-facts.ts';
import type { ManifestTools } from '../ports/manifest-tools.ts';
import { ClusterRender } from './cluster-render.ts';
import { clmFunctions } from './functions/clm-functions.ts';
import { ManifestCache } from './manifest-cache.ts';
import type { RenderedCluster } from './rendered-cluster.ts';
import { type LoadedSource, loadSource, type Source } from './source-folder.ts';
import type { Functions } from './template/go-type.ts';
import { TemplateCache } from './template/template-cache.ts';
import { CallError } from './template/template-error.ts';

export interface RenderInput {
  cluster: Cluster;
  /** All clusters of the registry, in its order: templates see those of the same account. */
  listed?: readonly Cluster[];
  facts: ClusterFacts;
  /** Without them, Kustomize folders and Helm charts are refused. */
  tools?: ManifestTools;
  signal: AbortSignal;
}

/**
 * Renders what a cluster is to be, from its config repository. What can't be rendered is in `refusals`, all of it. Throws a
 * FairwayError when a source is no folder, or when the facts are unavailable.
 */
export async function renderCluster(input: RenderInput & { sources: readonly Source[] }): Promise<RenderedCluster> {
  const renderer = await ChannelRenderer.open(input.sources, input.signal);
  return renderer.render(input);
}

/** Renders many clusters of one channel: sources are read once, templates parsed once. */
export class ChannelRenderer {
  readonly #sources: readonly LoadedSource[];
  readonly #templates = new TemplateCache(templateNames());
  readonly #manifests = new ManifestCache();

  constructor(sources: readonly LoadedSource[]) {
    this.#sources = sources;
  }

  /** The first source has the stacks and node pools; the others add components, deletions and defaults. */
  static async open(sources: readonly Source[], signal: AbortSignal): Promise<ChannelRenderer> {
    const loaded: LoadedSource[] = [];
    for (const source of sources) loaded.push(await loadSource(source, signal));
    return new ChannelRenderer(loaded);
  }

  async render(input: RenderInput): Promise<RenderedCluster> {
    return new ClusterRender(this.#sources, this.#templates, this.#manifests, input).run();
  }
}

/** The functions that templates may call; for reading them, not for executing. */
export function templateNames(): Functions {
  return clmFunctions({
    instanceTypes: undefined,
    imageId: () => '',
    siblingText: (path) => {
      throw new CallError(`template file not found: ${path}`);
    },
  });
}
