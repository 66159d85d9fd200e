import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { TokenUser } from './adapters/authentication/token-authentication.ts';
import { readUsersFile } from './adapters/authentication/users-file.ts';
import type { UnsandboxedTools } from './adapters/manifest-tools/known-confinement.ts';
import { duration } from './domain/duration.ts';
import { FairwayError, messageOf } from './domain/errors.ts';
import { stateFolder } from './state-folder.ts';
import { unsandboxedTools } from './unsandboxed-tools.ts';

/** How the forge is reached; `embedded` starts one of our own. */
export type ForgeConfig =
  | {
      forge: 'embedded';
      /** The one after the server's own; 0 takes a free one. */
      port: number;
    }
  | {
      forge: 'github';
      apiUrl: string;
      gitUrl: string;
      auth: { token: string } | { appId: string; privateKey: string; installationId: number };
    };

export interface Config {
  stateDirectory: string;
  storeUrl: string;
  /** Undefined: a redis-server of our own is started. */
  redisUrl: string | undefined;
  host: string;
  port: number;
  /** Where people and the forge reach us; undefined: the address we listen on. */
  publicUrl: string | undefined;
  /** One or, while rotating, two. Empty with the embedded forge: one is made. */
  webhookSecrets: string[];
  /** `owner/name` of the config repository, in lower case: forges tell no difference, and the store has one key for it. */
  repository: string;
  forge: ForgeConfig;
  /** Who may use the API, besides the administrator whose token lies with the other secrets; as the users file had it at the start. */
  users: TokenUser[];
  usersFile: string | undefined;
  /** Addresses and networks of reverse proxies in front of us. */
  trustedProxies: string[];
  /** How often the forge is asked what deliveries may have failed to tell, milliseconds. */
  catchUpEvery: number;
  /** How long the runs of a killed worker stay untouched, milliseconds. */
  leaseTime: number;
  /** Whether Kustomize and Helm may run where there is no sandbox. */
  unsandboxedTools: UnsandboxedTools;
}

const network = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  'FAIRWAY_TRUSTED_PROXIES is a list of addresses or networks with commas between them, e.g. 10.0.0.0/8,192.168.1.5',
);

const environment = z.object({
  FAIRWAY_CATCH_UP_EVERY: duration.prefault('60s'),
  FAIRWAY_LEASE_TIME: duration
    .refine(
      (time) => time >= 1_000,
      'FAIRWAY_LEASE_TIME is at least 1s: a shorter lease is lost while its worker is busy',
    )
    .prefault('15s'),
  FAIRWAY_STORE_URL: z.string().optional(),
  FAIRWAY_REDIS_URL: z.string().optional(),
  FAIRWAY_LISTEN: z
    .string()
    .regex(/^[\w.[\]:-]+:\d+$/, 'FAIRWAY_LISTEN is host:port, e.g. 127.0.0.1:8420')
    .default('127.0.0.1:8420'),
  FAIRWAY_URL: z
    .url({
      protocol: /^https?$/,
      error:
        'FAIRWAY_URL is the address under which the forge and people reach Fairway, e.g. https://fairway.example.org',
    })
    .optional(),
  FAIRWAY_WEBHOOK_SECRET: z.string().optional(),
  FAIRWAY_USERS_FILE: z.string().min(1).optional(),
  FAIRWAY_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((one) => one.trim() || []))
    .pipe(z.array(network)),
  FAIRWAY_REPOSITORY: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, 'FAIRWAY_REPOSITORY is owner/name')
    .optional(),
  FAIRWAY_FORGE_API_URL: z.url().default('https://api.github.com'),
  FAIRWAY_FORGE_GIT_URL: z.url().default('https://github.com'),
  FAIRWAY_FORGE_TOKEN: z.string().min(1).optional(),
  FAIRWAY_FORGE_APP_ID: z.string().min(1).optional(),
  FAIRWAY_FORGE_APP_INSTALLATION: z.coerce
    .number('FAIRWAY_FORGE_APP_INSTALLATION is the number at the end of the installation’s address')
    .int()
    .positive()
    .optional(),
  FAIRWAY_FORGE_APP_KEY_FILE: z.string().min(1).optional(),
});

/** Settings from the environment; what is wrong is one sentence each, naming the setting. */
export function readConfig(env: NodeJS.ProcessEnv, options: { state?: string | undefined } = {}): Config {
  const set = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name.startsWith('FAIRWAY_') && value !== ''),
  );
  const parsed = environment.safeParse(set);
  if (!parsed.success)
    throw new FairwayError(
      'refused',
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
    );
  const settings = parsed.data;
  const [, host = '127.0.0.1', port = '8420'] = /^(.*):(\d+)$/.exec(settings.FAIRWAY_LISTEN) ?? [];
  const forge = forgeConfig(settings, port === '0' ? 0 : Number(port) + 1);
  const stateDirectory = stateFolder(options.state, env);
  const webhookSecrets = (settings.FAIRWAY_WEBHOOK_SECRET ?? '').split(',').filter((secret) => secret !== '');
  if (forge.forge === 'github' && webhookSecrets.length === 0)
    throw new FairwayError(
      'refused',
      'set FAIRWAY_WEBHOOK_SECRET to the secret of the webhook in the forge (two, separated by a comma, while rotating)',
    );
  if (forge.forge === 'github' && settings.FAIRWAY_REPOSITORY === undefined)
    throw new FairwayError('refused', 'set FAIRWAY_REPOSITORY to the config repository, owner/name');
  return {
    stateDirectory,
    storeUrl: settings.FAIRWAY_STORE_URL ?? pathToFileURL(join(stateDirectory, 'fairway.db')).href,
    redisUrl: settings.FAIRWAY_REDIS_URL,
    host,
    port: Number(port),
    publicUrl: settings.FAIRWAY_URL,
    webhookSecrets,
    repository: (settings.FAIRWAY_REPOSITORY ?? 'fairway/config').toLowerCase(),
    forge,
    users: settings.FAIRWAY_USERS_FILE === undefined ? [] : readUsersFile(settings.FAIRWAY_USERS_FILE),
    usersFile: settings.FAIRWAY_USERS_FILE,
    trustedProxies: settings.FAIRWAY_TRUSTED_PROXIES,
    catchUpEvery: settings.FAIRWAY_CATCH_UP_EVERY,
    leaseTime: settings.FAIRWAY_LEASE_TIME,
    unsandboxedTools: unsandboxedTools(env),
  };
}

/** Like readConfig, for a server or a worker of its own: what it shares with the others must be named. */
export function readSharedConfig(env: NodeJS.ProcessEnv, options: { state?: string | undefined } = {}): Config {
  const config = readConfig(env, options);
  const missing = [
    ['FAIRWAY_STORE_URL', env.FAIRWAY_STORE_URL],
    ['FAIRWAY_REDIS_URL', env.FAIRWAY_REDIS_URL],
    ['FAIRWAY_URL', env.FAIRWAY_URL],
    ['FAIRWAY_FORGE_TOKEN (or a GitHub App)', config.forge.forge === 'github' ? 'set' : undefined],
  ].flatMap(([name, value]) => (value === undefined || value === '' ? [name] : []));
  if (missing.length === 0) return config;
  throw new FairwayError(
    'refused',
    `server and worker share their store, queue and forge: set ${missing.join(', ')}; fairway up runs all in one without`,
  );
}

function readNamedFile(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new FairwayError('refused', `${setting}: ${messageOf(error)}`, { cause: error });
  }
}

function forgeConfig(settings: z.output<typeof environment>, embeddedPort: number): ForgeConfig {
  const { FAIRWAY_FORGE_API_URL: apiUrl, FAIRWAY_FORGE_GIT_URL: gitUrl, FAIRWAY_FORGE_TOKEN: token } = settings;
  const {
    FAIRWAY_FORGE_APP_ID: appId,
    FAIRWAY_FORGE_APP_INSTALLATION: installationId,
    FAIRWAY_FORGE_APP_KEY_FILE: keyFile,
  } = settings;
  if (token !== undefined) return { forge: 'github', apiUrl, gitUrl, auth: { token } };
  if (appId === undefined && installationId === undefined && keyFile === undefined)
    return { forge: 'embedded', port: embeddedPort };
  if (appId === undefined || installationId === undefined || keyFile === undefined) {
    throw new FairwayError(
      'refused',
      'a GitHub App needs all of FAIRWAY_FORGE_APP_ID, FAIRWAY_FORGE_APP_INSTALLATION and FAIRWAY_FORGE_APP_KEY_FILE',
    );
  }
  return {
    forge: 'github',
    apiUrl,
    gitUrl,
    auth: { appId, installationId, privateKey: readNamedFile('FAIRWAY_FORGE_APP_KEY_FILE', keyFile) },
  };
}
