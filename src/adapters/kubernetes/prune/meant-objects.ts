import type { Deletion } from '../../../domain/manifest.ts';
import { deletionMatches } from '../deletion-matches.ts';
import type { LiveObject } from '../live-object.ts';
import { isNamespace } from '../namespace-states.ts';
import type { ObjectApi } from '../object-api.ts';

interface Meant {
  uids: Set<string>;
  namespaces: Set<string>;
}

/** What `deletions.yaml` names, in either list. The cluster is asked when it matters, once. */
export class MeantObjects {
  readonly #api: ObjectApi;
  readonly #deletions: Deletion[];
  #meant: Promise<Meant> | undefined;

  constructor(api: ObjectApi, deletions: Deletion[]) {
    this.#api = api;
    this.#deletions = deletions;
  }

  /** Whether it is named, or lives in a Namespace that is. */
  async include({ metadata: { uid, namespace } }: LiveObject, signal: AbortSignal): Promise<boolean> {
    this.#meant ??= this.#read(signal);
    const { uids, namespaces } = await this.#meant;
    return uids.has(uid) || (namespace !== undefined && namespaces.has(namespace));
  }

  async #read(signal: AbortSignal): Promise<Meant> {
    const meant: Meant = { uids: new Set(), namespaces: new Set() };
    for (const deletion of this.#deletions) {
      for (const { object } of await deletionMatches(this.#api, deletion, signal)) {
        meant.uids.add(object.metadata.uid);
        if (isNamespace(object)) meant.namespaces.add(object.metadata.name);
      }
    }
    return meant;
  }
}
