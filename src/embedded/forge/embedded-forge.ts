import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { FairwayError } from '../../domain/errors.ts';
import { createGuessLimit } from '../../http/guess-limit.ts';
import type { TimeLimits } from '../../http/time-limits.ts';
import { ensureToken, ensureUser, userById } from './accounts.ts';
import { announceRefsInTurn } from './announce-refs.ts';
import { findRepository } from './authentication.ts';
import { createRepository, importCommit } from './create-repository.ts';
import type { ForgeContext } from './forge-context.ts';
import { openForgeDatabase } from './forge-database.ts';
import { createForgeServer } from './forge-server.ts';
import type { Permission } from './forge-tables.ts';
import { ForgeUrls } from './forge-urls.ts';
import { writeGitHooks } from './git-hooks.ts';
import { Outbox } from './outbox.ts';
import { protect } from './protection.ts';
import { SerialByKey } from './serial-by-key.ts';

export interface EmbeddedForgeOptions {
  /** Holds the repositories and the database; the same folder continues where it was. */
  directory: string;
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Waits before further tries of a failed webhook delivery, in milliseconds; empty: tried once, as GitHub does. */
  retryDelaysMs?: number[];
  /** How long a webhook's receiver may take, in milliseconds. */
  webhookTimeoutMs?: number;
  timeLimits?: TimeLimits;
  log?: Logger;
}

export interface ImportOptions {
  fromDirectory: string;
  /** All start at the first commit; the first one is the default branch. Branches that exist stay as they are. */
  branches: string[];
  message?: string;
  /** Protects each of the branches: pull requests only, and these checks must be green. */
  protection?: { requiredChecks: string[]; strict: boolean };
}

export interface EmbeddedForge {
  /** Pages and git: `URL/owner/name.git`. */
  readonly url: string;
  /** The base of the REST API, Octokit's `baseUrl`. */
  readonly apiUrl: string;
  /** Creates the user, or sets the permission that it has on every repository. */
  createUser(login: string, permission: Permission): Promise<void>;
  /** Makes the token (at least 20 characters) one of the user's and returns it; without one, a new random token. */
  ensureToken(login: string, token?: string): Promise<string>;
  /** Creates `owner/name` from a folder; what exists already is left alone. */
  importRepository(name: string, options: ImportOptions): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_RETRY_DELAYS_MS = [1_000, 5_000, 30_000, 120_000, 600_000];
/** As long as GitHub keeps them. */
const DELIVERIES_KEPT_MS = 3 * 24 * 60 * 60 * 1000;

/** Starts the forge on its folder: first makes up for what a crash left undone, then listens. */
export async function startEmbeddedForge(options: EmbeddedForgeOptions): Promise<EmbeddedForge> {
  const log = options.log ?? pino({ level: 'silent' });
  await mkdir(join(options.directory, 'repositories'), { recursive: true });
  await chmod(options.directory, 0o700);
  const hooks = await writeGitHooks(options.directory);
  const database = openForgeDatabase(join(options.directory, 'forge.sqlite'));
  const outbox = new Outbox(database, {
    retryDelaysMs: options.retryDelaysMs ?? DEFAULT_RETRY_DELAYS_MS,
    timeoutMs: options.webhookTimeoutMs ?? 10_000,
    log,
  });
  const urls = new ForgeUrls();
  const forge: ForgeContext = {
    repositories: join(options.directory, 'repositories'),
    database,
    urls,
    outbox,
    serial: new SerialByKey(),
    guesses: createGuessLimit(log),
    log,
  };
  const server = createForgeServer(forge, { hooks, host: options.host, timeLimits: options.timeLimits });
  const close = async () => {
    await server.close();
    await forge.serial.idle();
    await outbox.stop();
    await database.destroy();
  };
  try {
    urls.root = await listen(server, options);
    await catchUp(forge);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: urls.root,
    apiUrl: urls.api,
    createUser: async (login, permission) => void (await ensureUser(database, login, permission)),
    ensureToken: (login, token) => ensureToken(database, login, token),
    importRepository: (name, order) => importRepository(forge, name, order),
    close,
  };
}

async function listen(server: FastifyInstance, { host, port }: EmbeddedForgeOptions): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    throw new FairwayError('unavailable', `the embedded forge can't listen on ${host}:${port}: choose another port`, {
      cause: error,
    });
  }
  const address = server.addresses().find((candidate) => typeof candidate !== 'string');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address?.port ?? port}`;
}

/** Announces what was pushed or merged right before a crash, and takes up the deliveries that were waiting. */
async function catchUp(forge: ForgeContext): Promise<void> {
  for (const repository of await forge.database.selectFrom('repositories').selectAll().execute()) {
    await announceRefsInTurn(forge, repository, await userById(forge.database, repository.ownerId));
  }
  await forge.outbox.forgetDelivered(Date.now() - DELIVERIES_KEPT_MS);
  forge.outbox.wake();
}

async function importRepository(forge: ForgeContext, fullName: string, options: ImportOptions): Promise<void> {
  const [owner = '', name = ''] = fullName.split('/');
  const [defaultBranch] = options.branches;
  if (!owner || !name || !defaultBranch) {
    throw new FairwayError(
      'refused',
      `can't import "${fullName}" with branches [${options.branches.join(', ')}]: it needs owner/name and at least one branch`,
    );
  }
  const repository =
    (await findRepository(forge, owner, name)) ??
    (await createRepository(forge, { owner, name, description: '', defaultBranch }));
  const { fromDirectory, branches, message = 'First revision' } = options;
  await importCommit(forge, repository, { fromDirectory, branches, message });
  for (const branch of options.protection ? branches : []) {
    const { requiredChecks, strict } = options.protection ?? { requiredChecks: [], strict: false };
    await protect(forge.database, repository.id, branch, {
      requiredChecks,
      strict,
      enforceAdmins: true,
      requiredApprovals: undefined,
    });
  }
  await announceRefsInTurn(forge, repository, await userById(forge.database, repository.ownerId));
}
