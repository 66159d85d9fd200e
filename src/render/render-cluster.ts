import type { Cluster } from '../domain/cluster.ts';
import type { ClusterFacts } from '../ports/cluster-facts.ts';
import type { ManifestTools } from '../ports/manifest-tools.ts';
import { ClusterRender } from './cluster-render.ts';
import type { Finding } from './lint/finding.ts';
import { lintCluster } from './lint/lint-cluster.ts';
import { ManifestCache } from './manifest-cache.ts';
import type { RenderedCluster } from './rendered-cluster.ts';
import { type LoadedSource, loadSource, type Source } from './source-folder.ts';
import { TemplateCache } from './template/template-cache.ts';
import { templateFunctions } from './template-functions.ts';

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
  readonly #templates = new TemplateCache(templateFunctions);
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
    return this.#renderOf(input).run();
  }

  /** Renders, and looks at the outcome as a reader would. What is refused is no finding. */
  async lint(input: RenderInput): Promise<{ rendered: RenderedCluster; findings: Finding[] }> {
    const render = this.#renderOf(input);
    const rendered = await render.run();
    return { rendered, findings: lintCluster(rendered, render.texts) };
  }

  #renderOf(input: RenderInput): ClusterRender {
    return new ClusterRender(this.#sources, this.#templates, this.#manifests, input);
  }
}
