import { z } from 'zod';
import { FairwayError, messageOf } from '../../domain/errors.ts';

/** Clocks differ, and a forge may change its mind. */
const longestPauseMs = 3_600_000;

interface Attempt {
  host: string;
  doing: string;
  right: string;
}

const requestError = z.object({
  status: z.number(),
  response: z.object({ status: z.number(), headers: z.record(z.string(), z.unknown()), data: z.unknown() }).optional(),
});
const errorData = z.object({
  message: z.string(),
  errors: z
    .array(
      z
        .object({ field: z.string().optional(), message: z.string().optional(), code: z.string().optional() })
        .or(z.string()),
    )
    .catch([]),
});

/** What the forge answered, when it answered. */
export interface Refusal {
  status: number;
  /** The forge's own sentence. */
  message: string;
  headers: Record<string, unknown>;
}

/** The forge's answer within an Octokit error; undefined when there was none. */
export function refusalOf(error: unknown): Refusal | undefined {
  const response = requestError.safeParse(error).data?.response;
  if (!response) return undefined;
  return { status: response.status, headers: response.headers, message: sentence(response.data) };
}

/** A failed call in our words; what is not the forge's doing is returned as it is. */
export function forgeFailure(error: unknown, attempt: Attempt): unknown {
  if (error instanceof FairwayError) return error;
  const refusal = refusalOf(error);
  if (refusal) return answered(refusal, attempt, error);
  // Octokit makes a 500 of every request that got no answer.
  if (!requestError.safeParse(error).success) return error;
  return new FairwayError(
    'unavailable',
    `${attempt.host} did not answer, could not ${attempt.doing}: ${messageOf(error)}`,
    { cause: error },
  );
}

function answered(
  { status, message, headers }: Refusal,
  { host, doing, right }: Attempt,
  cause: unknown,
): FairwayError {
  const failure = (kind: FairwayError['kind'], text: string) => new FairwayError(kind, text, { cause });
  const said = `${host} answered ${status} (${message})`;
  if (status === 429 || (status === 403 && isRateLimit(message, headers))) {
    return failure(
      'unavailable',
      `${host} answered ${status} and limits us${waitOf(headers)}, could not ${doing}: ${message}`,
    );
  }
  if (status >= 500) return failure('unavailable', `${said}, could not ${doing}`);
  if (status === 401)
    return failure(
      'forbidden',
      `${said}, could not ${doing}: set a valid token, or the right app id and private key, for the forge`,
    );
  if (status === 403) {
    const accepted = headers['x-accepted-github-permissions'];
    const needed = typeof accepted === 'string' && accepted ? accepted : right;
    return failure('forbidden', `${said}, could not ${doing}: give the forge's token or app the right "${needed}"`);
  }
  if (status === 404)
    return failure('missing', `${said}, could not ${doing}: it does not exist, or the forge's token may not see it`);
  if (status === 409) return failure('conflict', `${said}, could not ${doing}`);
  return failure('refused', `${said}, could not ${doing}`);
}

/** For how many milliseconds the forge wants to be left alone; undefined when the failure is no limit on us. */
export function pauseOf(error: unknown, now: number): number | undefined {
  const refusal = refusalOf(error);
  if (!refusal) return undefined;
  const { status, message, headers } = refusal;
  if (status !== 429 && !(status === 403 && isRateLimit(message, headers))) return undefined;
  const after = Number(headers['retry-after']) * 1000;
  const reset = Number(headers['x-ratelimit-reset']) * 1000 - now;
  // GitHub's manual asks for a minute where it names no time.
  const pause = [after, reset].find((time) => time > 0) ?? 60_000;
  return Math.min(pause, longestPauseMs);
}

function isRateLimit(message: string, headers: Record<string, unknown>): boolean {
  return (
    headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined || /rate limit/i.test(message)
  );
}

function waitOf(headers: Record<string, unknown>): string {
  const after = Number(headers['retry-after']);
  if (after > 0) return ` for ${after} s`;
  const reset = Number(headers['x-ratelimit-reset']);
  return reset > 0 ? ` until ${new Date(reset * 1000).toISOString()}` : '';
}

function sentence(data: unknown): string {
  const parsed = errorData.safeParse(data).data;
  if (!parsed) return typeof data === 'string' && data.length > 0 ? data.slice(0, 200) : 'no reason given';
  const details = parsed.errors.map((detail) =>
    typeof detail === 'string' ? detail : (detail.message ?? `${detail.field} ${detail.code}`),
  );
  return [parsed.message, ...details].join('; ');
}
