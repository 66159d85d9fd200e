import { join } from 'node:path';
import type { Logger } from 'pino';
import type { GuessLimit } from '../../http/guess-limit.ts';
import { BareRepository } from './bare-repository.ts';
import type { ForgeDatabase } from './forge-database.ts';
import type { Row } from './forge-tables.ts';
import type { ForgeUrls } from './forge-urls.ts';
import type { Outbox } from './outbox.ts';
import type { SerialByKey } from './serial-by-key.ts';

/** What the routes share. */
export interface ForgeContext {
  /** Folder with the bare repositories, `owner/name.git` each. */
  repositories: string;
  database: ForgeDatabase;
  urls: ForgeUrls;
  outbox: Outbox;
  /** Work that moves a repository's refs or reads them to tell others, one at a time. */
  serial: SerialByKey;
  guesses: GuessLimit;
  log: Logger;
}

export function gitOf(forge: ForgeContext, repository: Row<'repositories'>): BareRepository {
  return new BareRepository(join(forge.repositories, repository.owner, `${repository.name}.git`));
}

/** Second resolution, as GitHub has it. */
export function timestamp(date = new Date()): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
