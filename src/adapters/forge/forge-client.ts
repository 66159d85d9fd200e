import { createAppAuth } from '@octokit/auth-app';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { FairwayError } from '../../domain/errors.ts';
import type { RepositoryName } from '../../ports/forge.ts';
import { forgeFailure, pauseOf } from './forge-failure.ts';
import type { GithubForgeOptions } from './github-forge.ts';

const ForgeOctokit = Octokit.plugin(retry, throttling);

/** `pull requests: write`, as GitHub names the rights of tokens and apps. */
export type Right =
  `${'checks' | 'commit statuses' | 'contents' | 'deployments' | 'metadata' | 'pull requests' | 'webhooks'}: ${'read' | 'write'}`;

const READ_RETRIES = 2;
const NEVER_RETRIED = [400, 401, 403, 404, 405, 409, 410, 422, 429, 451];
const installation = z.object({ token: z.string() });
const quiet = () => undefined;

/** One forge with one identity: Octokit, bounded in its waits, whose failures are told in our words. */
export class ForgeClient {
  readonly octokit: InstanceType<typeof ForgeOctokit>;
  readonly #auth: GithubForgeOptions['auth'];
  readonly #host: string;
  #login: Promise<string> | undefined;
  /** Whoever goes on asking a forge that limits them is shut out for longer. */
  #leftAloneUntil = 0;

  constructor(options: GithubForgeOptions) {
    this.#auth = options.auth;
    this.#host = new URL(options.baseUrl).host;
    this.octokit = new ForgeOctokit(octokitOptions(options));
    // Writing twice may leave two of a thing: only reads are repeated here, a write by its caller, who looks first.
    this.octokit.hook.before('request', (request) => {
      if (request.method !== 'GET') request.request.retries = 0;
    });
  }

  /** Runs calls to the forge; `doing` and `right` go into the sentence when it refuses or fails. */
  async call<Result>(
    doing: string,
    right: Right,
    work: (octokit: InstanceType<typeof ForgeOctokit>) => Promise<Result>,
  ): Promise<Result> {
    if (Date.now() < this.#leftAloneUntil)
      throw new FairwayError(
        'unavailable',
        `${this.#host} limits us until ${new Date(this.#leftAloneUntil).toISOString()}, so it was not asked to ${doing}`,
      );
    try {
      return await work(this.octokit);
    } catch (error) {
      const now = Date.now();
      this.#leftAloneUntil = Math.max(this.#leftAloneUntil, now + (pauseOf(error, now) ?? 0));
      throw forgeFailure(error, { host: this.#host, doing, right });
    }
  }

  /** The token for git: our own, or a fresh one of the app's installation. */
  async token(): Promise<string> {
    const auth = this.#auth;
    if ('token' in auth) return auth.token;
    const granted = await this.call('get an installation token', 'metadata: read', (octokit) =>
      octokit.auth({ type: 'installation' }),
    );
    return installation.parse(granted).token;
  }

  /** Whether a comment is ours: others may copy our marker, and theirs can't be updated. */
  async isOurs(comment: {
    user?: { login?: string } | null;
    performed_via_github_app?: { id?: number | bigint } | null;
  }): Promise<boolean> {
    if (!('token' in this.#auth))
      return String(comment.performed_via_github_app?.id ?? '') === String(this.#auth.appId);
    this.#login ??= this.#ownLogin();
    return comment.user?.login === (await this.#login);
  }

  async #ownLogin(): Promise<string> {
    try {
      return await this.call(
        'read whose token this is',
        'metadata: read',
        async ({ rest }) => (await rest.users.getAuthenticated()).data.login,
      );
    } catch (error) {
      this.#login = undefined;
      throw error;
    }
  }
}

export interface Coordinates {
  owner: string;
  repo: string;
}

export function coordinates(repository: RepositoryName): Coordinates {
  const [owner = '', repo = ''] = repository.split('/');
  return { owner, repo };
}

function octokitOptions(options: GithubForgeOptions) {
  const {
    auth,
    baseUrl,
    pace = 'github',
    requestTimeoutMs = 10_000,
    longestWaitSeconds = 30,
    retryUnitMs = 1_000,
  } = options;
  const waitOnce = (retryAfter: number, _request: object, _octokit: object, retryCount: number) =>
    retryCount === 0 && retryAfter <= longestWaitSeconds;
  return {
    baseUrl,
    userAgent: 'fairway',
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    ...('token' in auth ? { auth: auth.token } : { authStrategy: createAppAuth, auth }),
    request: {
      fetch: (url: string, init: RequestInit) => fetch(url, { ...init, signal: AbortSignal.timeout(requestTimeoutMs) }),
    },
    retry: { retries: READ_RETRIES, retryAfterBaseValue: retryUnitMs, doNotRetry: NEVER_RETRIED },
    throttle: {
      enabled: pace === 'github',
      id: `${baseUrl} ${'token' in auth ? '' : auth.installationId}`,
      retryAfterBaseValue: retryUnitMs,
      onRateLimit: waitOnce,
      onSecondaryRateLimit: waitOnce,
    },
  };
}
