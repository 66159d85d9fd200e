import { join } from 'node:path';
import type { Cluster } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Run } from '../domain/run.ts';
import { describeRefusal } from '../render/refusal.ts';
import { ChannelRenderer } from '../render/render-cluster.ts';
import type { RenderedCluster } from '../render/rendered-cluster.ts';
import type { World } from './world.ts';

/** `base`: what is there. `head`: what is to be. */
export type Side = 'base' | 'head';

/** Renders the desired state of one side of a run, cluster by cluster; templates are parsed once. */
export class Rendering {
  readonly #renderer: ChannelRenderer;
  readonly #listed: readonly Cluster[];
  readonly #world: Pick<World, 'facts' | 'manifestTools'>;
  readonly #signal: AbortSignal;

  private constructor(
    renderer: ChannelRenderer,
    listed: readonly Cluster[],
    world: Pick<World, 'facts' | 'manifestTools'>,
    signal: AbortSignal,
  ) {
    this.#renderer = renderer;
    this.#listed = listed;
    this.#world = world;
    this.#signal = signal;
  }

  /** Undefined for the base of a channel that has never been rolled out. */
  static async open(
    run: Run,
    side: Side,
    world: Pick<World, 'git' | 'registry' | 'facts' | 'manifestTools'>,
    signal: AbortSignal,
  ): Promise<Rendering | undefined> {
    const tree = side === 'base' ? run.baseTree : run.tree;
    if (tree === undefined) return undefined;
    const folder = await world.git.repository(run.repository).checkout(tree);
    const source = {
      name: 'main',
      directory: join(folder, run.policy.source),
      revision: side === 'base' ? (run.baseSha ?? '') : run.headSha,
    };
    return new Rendering(await ChannelRenderer.open([source], signal), await world.registry.list(), world, signal);
  }

  render(cluster: Cluster): Promise<RenderedCluster> {
    const { facts, manifestTools: tools } = this.#world;
    return this.#renderer.render({ cluster, listed: this.#listed, facts: facts(cluster), tools, signal: this.#signal });
  }

  /** Throws a FairwayError that lists everything that can't be rendered. */
  async requireRendered(cluster: Cluster): Promise<RenderedCluster> {
    const rendered = await this.render(cluster);
    if (rendered.refusals.length === 0) return rendered;
    throw new FairwayError('refused', rendered.refusals.map(describeRefusal).join('\n'));
  }
}
