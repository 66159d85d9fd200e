import { channelOverrides } from '../domain/channel-overrides.ts';
import type { Cluster } from '../domain/cluster.ts';
import { FairwayError, messageOf } from '../domain/errors.ts';
import type { Run } from '../domain/run.ts';
import { describeRefusal } from '../render/refusal.ts';
import { ChannelRenderer } from '../render/render-cluster.ts';
import { type RenderedCluster, refusedCluster } from '../render/rendered-cluster.ts';
import { RunSources, type Side } from './run-sources.ts';
import type { World } from './world.ts';

type Needed = Pick<World, 'git' | 'facts' | 'manifestTools' | 'secrets'> & {
  registry: Pick<World['registry'], 'list'>;
};

/** Renders the desired state of one side of a run, cluster by cluster; templates are parsed once. */
export class Rendering {
  readonly #sources: RunSources;
  readonly #renderers = new Map<string, ChannelRenderer>();
  readonly #listed: readonly Cluster[];
  readonly #world: Needed;
  readonly #signal: AbortSignal;
  readonly #runId: string;

  private constructor(
    runId: string,
    sources: RunSources,
    listed: readonly Cluster[],
    world: Needed,
    signal: AbortSignal,
  ) {
    this.#runId = runId;
    this.#sources = sources;
    this.#listed = listed;
    this.#world = world;
    this.#signal = signal;
  }

  /** Undefined for the base of a channel that has never been rolled out. */
  static async open(run: Run, side: Side, world: Needed, signal: AbortSignal): Promise<Rendering | undefined> {
    const tree = side === 'base' ? run.baseTree : run.tree;
    if (tree === undefined) return undefined;
    const own = { tree, commit: side === 'base' ? (run.baseSha ?? '') : run.headSha };
    const repository = world.git.repository(run.repository);
    const sources = new RunSources({ run, side, own, repository, signal });
    // What is wrong with the channel itself is told before any cluster's turn.
    await sources.load(new Map());
    return new Rendering(run.id, sources, await world.registry.list(), world, signal);
  }

  async render(cluster: Cluster): Promise<RenderedCluster> {
    const renderer = await this.#rendererFor(cluster).catch((error: unknown) => {
      if (error instanceof FairwayError && error.kind === 'refused') return messageOf(error);
      throw error;
    });
    if (typeof renderer === 'string') return refusedCluster(cluster.id, renderer);
    const { facts, manifestTools: tools, secrets } = this.#world;
    const rendered = await renderer.render({
      cluster,
      listed: this.#listed,
      facts: facts(cluster),
      tools,
      signal: this.#signal,
    });
    secrets.of(this.#runId).hide(rendered.secrets);
    return rendered;
  }

  /** Throws a FairwayError that lists everything that can't be rendered. */
  async requireRendered(cluster: Cluster): Promise<RenderedCluster> {
    const rendered = await this.render(cluster);
    if (rendered.refusals.length === 0) return rendered;
    throw new FairwayError('refused', rendered.refusals.map(describeRefusal).join('\n'));
  }

  /** Clusters with the same overrides share one. */
  async #rendererFor(cluster: Cluster): Promise<ChannelRenderer> {
    const overrides = channelOverrides(cluster.config_items);
    const key = JSON.stringify([...overrides]);
    const renderer = this.#renderers.get(key) ?? new ChannelRenderer(await this.#sources.load(overrides));
    this.#renderers.set(key, renderer);
    return renderer;
  }
}
