import { z } from 'zod';
import { FairwayError } from '../../domain/errors.ts';
import { digestOf } from './definition-digest.ts';
import { type ObjectApi, placeOf } from './object-api.ts';

const NAMESPACE = 'kube-system';
const NAME = 'fairway-memory';
const CONFIG_MAPS = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', words: [], namespaced: true };

/** Something that runs to its end, or a hook. */
const runRecord = z.object({
  /** Its definition's digest. */
  definition: z.string(),
  uid: z.string(),
  /** The apply that made it. */
  attempt: z.string(),
  /** For a hook, which install or upgrade it was made for. */
  occasion: z.string().default(''),
  /** How it ended; `not due`: a hook whose event has not come. Undefined while it runs, and when nobody knows. */
  end: z.enum(['completed', 'failed', 'not due']).optional(),
  /** Why it failed, with its last words. */
  reason: z.string().default(''),
  /** Since when it is missed without a word on how it ended; epoch milliseconds. */
  missedSince: z.number().optional(),
});
export type RunRecord = z.infer<typeof runRecord>;

/** A chart's release: what was last brought to the cluster, and how far. */
const releaseRecord = z.object({
  /** Of all that is rendered. */
  digest: z.string(),
  event: z.enum(['install', 'upgrade']),
  /** Hooks that are through, as `pre Job default/migrate`. */
  done: z.array(z.string()),
  finished: z.boolean(),
});
export type ReleaseRecord = z.infer<typeof releaseRecord>;

/** What one list of `deletions.yaml` meant when an apply first came to it. */
const deletionRecord = z.object({ attempt: z.string(), uids: z.array(z.string()) });
type DeletionRecord = z.infer<typeof deletionRecord>;

const entry = z.discriminatedUnion('what', [
  z.object({ what: z.literal('run'), of: z.string(), is: runRecord }),
  z.object({ what: z.literal('release'), of: z.string(), is: releaseRecord }),
  z.object({ what: z.literal('deletions'), of: z.string(), is: deletionRecord }),
]);
type Entry = z.infer<typeof entry>;

const configMap = z.object({ data: z.record(z.string(), z.string()).default({}) });

/**
 * What Fairway has done once in a cluster and would otherwise do again, since nothing is left of it: Jobs that are gone, hooks, deletions.
 * It lies in the cluster itself, in ConfigMap `fairway-memory`, and survives the loss of our store. A cluster without it has
 * done nothing yet.
 */
export class ClusterMemory {
  readonly #api: ObjectApi;

  constructor(api: ObjectApi) {
    this.#api = api;
  }

  async read(signal: AbortSignal): Promise<Recollection> {
    const live = await this.#api.get(PLACE, signal);
    const texts = live === undefined ? {} : configMap.parse(live).data;
    return new Recollection(
      this.#api,
      Object.entries(texts).map(([key, text]) => parseEntry(key, text)),
    );
  }
}

/** The memory as it was read; what is written goes to the cluster at once. */
export class Recollection {
  readonly #api: ObjectApi;
  readonly #entries: Map<string, Entry>;

  constructor(api: ObjectApi, entries: Entry[]) {
    this.#api = api;
    this.#entries = new Map(entries.map((entry) => [keyOf(entry), entry]));
  }

  /** `of` is a `refKey`. */
  run(of: string): RunRecord | undefined {
    const found = this.#find('run', of);
    return found?.what === 'run' ? found.is : undefined;
  }

  release(of: string): ReleaseRecord | undefined {
    const found = this.#find('release', of);
    return found?.what === 'release' ? found.is : undefined;
  }

  /** `of` is one of the two lists of `deletions.yaml`. */
  deletions(of: string): DeletionRecord | undefined {
    const found = this.#find('deletions', of);
    return found?.what === 'deletions' ? found.is : undefined;
  }

  async write(entry: Entry, signal: AbortSignal): Promise<void> {
    const key = keyOf(entry);
    await this.#patch({ [key]: JSON.stringify(entry) }, signal);
    this.#entries.set(key, entry);
  }

  /** Forgets runs and releases that are not among these. */
  async keepOnly(
    wanted: { run: ReadonlySet<string>; release: ReadonlySet<string> },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#forget(({ what, of }) => what !== 'deletions' && !wanted[what].has(of), signal);
  }

  /** Forgets what ran, hooks aside, by its uid or its name. */
  async forgetRuns(those: { uids: ReadonlySet<string>; of: ReadonlySet<string> }, signal: AbortSignal): Promise<void> {
    await this.#forget(
      ({ what, of, is }) =>
        what === 'run' && is.occasion === '' && is.end !== 'not due' && (those.uids.has(is.uid) || those.of.has(of)),
      signal,
    );
  }

  async #forget(isMeant: (entry: Entry) => boolean, signal: AbortSignal): Promise<void> {
    const gone = [...this.#entries].filter(([, entry]) => isMeant(entry)).map(([key]) => key);
    if (gone.length === 0) return;
    await this.#patch(Object.fromEntries(gone.map((key) => [key, null])), signal);
    for (const key of gone) this.#entries.delete(key);
  }

  #find(what: Entry['what'], of: string): Entry | undefined {
    return this.#entries.get(keyOf({ what, of }));
  }

  /** Key by key, so that two who write at a time lose nothing of each other. */
  async #patch(data: Record<string, string | null>, signal: AbortSignal): Promise<void> {
    const contentType = 'application/merge-patch+json';
    const request = { method: 'PATCH', path: PLACE.path, body: { data }, contentType } as const;
    let answer = await this.#api.server.request(request, signal);
    if (answer.outcome === 'refused' && answer.status === 404) {
      const empty = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME } };
      const made = await this.#api.apply(PLACE, empty, 'persist', signal);
      answer = made.outcome === 'ok' ? await this.#api.server.request(request, signal) : made;
    }
    if (answer.outcome === 'refused') {
      throw new FairwayError('forbidden', `ConfigMap ${NAMESPACE}/${NAME} could not be written: ${answer.message}`);
    }
  }
}

const PLACE = placeOf(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name: NAME });

/** What a ConfigMap takes for a key. */
function keyOf({ what, of }: Pick<Entry, 'what' | 'of'>): string {
  return `${what}.${digestOf(of)}`;
}

function parseEntry(key: string, text: string): Entry {
  try {
    return entry.parse(JSON.parse(text));
  } catch (cause) {
    throw new FairwayError(
      'refused',
      `ConfigMap ${NAMESPACE}/${NAME}: data["${key}"] can't be read. Delete that key, or the ConfigMap: what it says to have been done, such as Jobs that are gone and hooks of charts, is done once more then.`,
      { cause },
    );
  }
}
