import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChannelSource, sourcesOf } from '../domain/channel.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Run } from '../domain/run.ts';
import type { GitRepository, Revision } from '../ports/git-source.ts';
import { emptySource, type LoadedSource, loadSource } from '../render/source-folder.ts';
import { readChannels } from './policy-files.ts';

/** `base`: what is there. `head`: what is to be. */
export type Side = 'base' | 'head';

/** The sources of a run's channel at one side, and of other channels' branches for the clusters that want these; each is read once. */
export class RunSources {
  readonly #run: Run;
  readonly #side: Side;
  readonly #own: Revision;
  readonly #repository: GitRepository;
  readonly #signal: AbortSignal;
  readonly #loaded = new Map<string, Promise<LoadedSource>>();
  readonly #branches = new Map<string, Promise<Revision>>();

  constructor(options: { run: Run; side: Side; own: Revision; repository: GitRepository; signal: AbortSignal }) {
    this.#run = options.run;
    this.#side = options.side;
    this.#own = options.own;
    this.#repository = options.repository;
    this.#signal = options.signal;
  }

  /**
   * In order. `overrides`: channel by source; with a single source there is nothing to override, as in CLM. Throws FairwayError
   * `refused` for one that can't be followed.
   */
  async load(overrides: ReadonlyMap<string, string>): Promise<LoadedSource[]> {
    const sources = sourcesOf(this.#run.policy);
    const followed = sources.length === 1 ? new Map<string, string>() : overrides;
    const names = sources.map(({ name }) => name);
    for (const name of followed.keys()) {
      if (names.includes(name)) continue;
      throw new FairwayError(
        'refused',
        `override_channel: there is no source "${name}"; ${this.#run.channel} has ${names.join(', ')}`,
      );
    }
    const loaded: LoadedSource[] = [];
    for (const source of sources) {
      const channel = followed.get(source.name);
      const revision =
        channel === undefined ? this.#own : await once(this.#branches, channel, () => this.#newest(channel));
      const key = `${source.name} ${revision.commit} ${revision.tree}`;
      loaded.push(await once(this.#loaded, key, () => this.#load(source, revision)));
    }
    return loaded;
  }

  async #load({ name, folder }: ChannelSource, { commit, tree }: Revision): Promise<LoadedSource> {
    const checkout = await this.#repository.checkout(tree);
    const directory = join(checkout, folder);
    const isThere = await stat(directory).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (isThere) return loadSource({ name, directory, within: checkout, revision: commit }, this.#signal);
    // The change may be the one that adds the source.
    if (this.#side === 'base') return emptySource(name, commit);
    throw new FairwayError(
      'refused',
      `source ${name} of ${this.#run.channel}: there is no folder "${folder}" in ${commit.slice(0, 8)}`,
    );
  }

  /** The newest revision of another channel, as far as it was fetched. Which branch that is, the rules in force say. */
  async #newest(name: string): Promise<Revision> {
    const { kind, baseTree, tree } = this.#run;
    const channels = await readChannels(
      this.#repository,
      kind === 'rollout' || kind === 'rollback' ? tree : (baseTree ?? tree),
    );
    const channel = channels.find((one) => one.channel === name);
    if (channel === undefined) {
      const names = channels.map((one) => one.channel).join(', ');
      throw new FairwayError('refused', `override_channel: there is no channel "${name}"; there are ${names}`);
    }
    const revision = await this.#repository.branch(channel.branch);
    if (revision !== undefined) return revision;
    throw new FairwayError('refused', `override_channel: the branch ${channel.branch} of ${name} is not there`);
  }
}

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
