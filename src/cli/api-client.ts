import { type Command, Option } from 'commander';
import { z } from 'zod';
import { readAddresses } from '../addresses.ts';
import { type ErrorKind, FairwayError, messageOf } from '../domain/errors.ts';
import { readKeptSecrets } from '../kept-secrets.ts';
import { stateFolder } from '../state-folder.ts';

export interface ApiOptions {
  server?: string;
  state?: string;
  output: 'text' | 'json';
}

/** Gives a command the options by which it finds a running Fairway. */
export function withApi(command: Command): Command {
  return command
    .option(
      '--server <url>',
      'where Fairway is; by default FAIRWAY_URL, else where the one of the state folder listens',
    )
    .option('--state <dir>', 'state folder of the Fairway of this machine, for its address and token')
    .addOption(new Option('--output <format>', 'text or json').choices(['text', 'json']).default('text'));
}

const problem = z.object({ detail: z.string() });
const kinds: Readonly<Record<number, ErrorKind>> = {
  400: 'refused',
  401: 'forbidden',
  403: 'forbidden',
  404: 'missing',
  409: 'conflict',
};
const patience = 60_000;

/** Fairway's own API, as a command uses it: an answer is what the schema reads, or a FairwayError with the server's sentence. */
export class ApiClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url.replace(/\/$/, '');
    this.#token = token;
  }

  /** The token is FAIRWAY_TOKEN, else the administrator's in the state folder of this machine. */
  static async find({ server, state }: ApiOptions, env: NodeJS.ProcessEnv = process.env): Promise<ApiClient> {
    const folder = stateFolder(state, env);
    const here = (await readAddresses(folder))?.server ?? `http://${env.FAIRWAY_LISTEN || '127.0.0.1:8420'}`;
    const url = server ?? (env.FAIRWAY_URL || here);
    if (!URL.canParse(url)) throw new FairwayError('refused', `--server ${url} is no URL, e.g. http://127.0.0.1:8420`);
    return new ApiClient(url, env.FAIRWAY_TOKEN || (await keptToken(folder)));
  }

  get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#call('GET', path, undefined, schema);
  }

  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return this.#call('POST', path, body, schema);
  }

  put<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return this.#call('PUT', path, body, schema);
  }

  async #call<T>(method: string, path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patience),
    }).catch((error: unknown) => {
      const why = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
      const advice = 'start it with fairway up, or say where it is with --server or FAIRWAY_URL';
      throw new FairwayError('unavailable', `no Fairway answers at ${this.#url} (${why}): ${advice}`);
    });
    const text = await response.text();
    if (response.ok) return schema.parse(JSON.parse(text));
    throw new FairwayError(kinds[response.status] ?? 'unavailable', sentenceOf(response.status, text));
  }
}

function sentenceOf(status: number, text: string): string {
  try {
    return problem.parse(JSON.parse(text)).detail;
  } catch {
    return `the server answered ${status}: ${text.slice(0, 200)}`;
  }
}

async function keptToken(state: string): Promise<string> {
  const kept = await readKeptSecrets(state);
  if (kept) return kept.apiToken;
  throw new FairwayError(
    'refused',
    `there is no token: set FAIRWAY_TOKEN, or name with --state the folder of a Fairway of this machine (none has run with ${state})`,
  );
}
