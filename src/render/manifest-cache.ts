import type { Manifest } from '../domain/manifest.ts';
import type { ListHandling } from './listed-objects.ts';
import { readManifests } from './read-manifests.ts';

const maxTextLength = 16 * 1024 * 1024;

/**
 * Manifests already read, by file and rendered text: most manifests are the same in every cluster of a channel. The objects
 * are shared, so nobody may change them. The longest unused are forgotten when all texts together exceed 16 MiB.
 */
export class ManifestCache {
  readonly #known = new Map<string, Manifest[]>();
  #length = 0;

  /** Throws YamlError, each time anew. */
  read(file: string, text: string, lists: ListHandling): Manifest[] {
    const key = `${lists}\n${file}\n${text}`;
    const known = this.#known.get(key);
    if (known !== undefined) this.#known.delete(key);
    const manifests = known ?? readManifests(file, text, lists);
    this.#known.set(key, manifests);
    if (known === undefined) this.#forget(key.length);
    return manifests;
  }

  #forget(added: number): void {
    this.#length += added;
    for (const key of this.#known.keys()) {
      if (this.#length <= maxTextLength) return;
      this.#known.delete(key);
      this.#length -= key.length;
    }
  }
}
