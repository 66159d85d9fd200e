import type { z } from 'zod';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { Forge } from '../ports/forge.ts';
import type { GitSource } from '../ports/git-source.ts';
import type { Store } from '../ports/store.ts';

/** What deciding about runs needs. */
export interface Planning {
  /** `owner/name` of the config repository, in lower case: the one key of all that is stored about it. */
  repository: string;
  store: Store;
  git: GitSource;
  forge: Forge;
  dispatcher: Dispatcher;
  stepSchemas: ReadonlyMap<string, z.ZodType>;
}
