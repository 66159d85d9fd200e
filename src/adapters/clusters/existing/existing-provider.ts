import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FairwayError, messageOf } from '../../../domain/errors.ts';
import type {
  ClusterProvider,
  ClusterSpec,
  ClusterState,
  ProvidedCluster,
  ProviderPowers,
} from '../../../ports/cluster-provider.ts';
import { createKube } from '../../kubernetes/create-kube.ts';

const ending = '.kubeconfig';
const answerMs = 10_000;

/** Clusters that users run themselves, each known by a file `<directory>/<name>.kubeconfig`. Never made or removed here. */
export function existingProvider(directory: string): ClusterProvider {
  return new ExistingProvider(directory);
}

class ExistingProvider implements ClusterProvider {
  readonly kind = 'existing';
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async powers(_name: string): Promise<ProviderPowers> {
    return { realNodes: true, severalNodes: true, loadBalancers: true, missing: [] };
  }

  async ensure({ name }: ClusterSpec): Promise<ClusterState> {
    const state = await this.describe(name);
    if (state.phase !== 'absent') return state;
    throw new FairwayError(
      'refused',
      `There is no ${this.#file(name)}, and clusters of the provider existing are not made by Fairway. ` +
        'Put the kubeconfig of your cluster there, or use the provider local or kind.',
    );
  }

  /** Ready when the API server of the kubeconfig's current context answers. */
  async describe(name: string): Promise<ClusterState> {
    const text = await this.#read(name);
    if (text === undefined) return { phase: 'absent' };
    try {
      await createKube().connect(text).version(AbortSignal.timeout(answerMs));
      return { phase: 'ready' };
    } catch (error) {
      return { phase: 'failed', reason: `${this.#file(name)}: ${messageOf(error)}` };
    }
  }

  async kubeconfig(name: string): Promise<string> {
    const text = await this.#read(name);
    if (text !== undefined) return text;
    const names = (await this.#names()).join(', ') || 'none';
    throw new FairwayError('missing', `There is no ${this.#file(name)}. Clusters there: ${names}.`);
  }

  async delete(name: string): Promise<ClusterState> {
    throw new FairwayError(
      'refused',
      `Fairway does not delete the cluster ${name}: it was not made by Fairway. To forget it, remove ${this.#file(name)}.`,
    );
  }

  async list(): Promise<ProvidedCluster[]> {
    const names = await this.#names();
    return Promise.all(
      names.map(async (name) => ({ name, owner: '', expiresAt: undefined, state: await this.describe(name) })),
    );
  }

  #file(name: string): string {
    return join(this.#directory, `${name}${ending}`);
  }

  async #read(name: string): Promise<string | undefined> {
    return (await this.#names()).includes(name) ? readFile(this.#file(name), 'utf8') : undefined;
  }

  async #names(): Promise<string[]> {
    const files = await readdir(this.#directory).catch((error: unknown) => {
      throw new FairwayError('missing', `The folder of kubeconfig files can't be read: ${messageOf(error)}`);
    });
    return files.filter((file) => file.endsWith(ending)).map((file) => file.slice(0, -ending.length));
  }
}
