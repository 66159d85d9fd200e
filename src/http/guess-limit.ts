import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Logger } from 'pino';

export type Check<T> =
  | { outcome: 'known'; who: T }
  | { outcome: 'unknown' }
  /** Not even looked up. `seconds` are at least one. */
  | { outcome: 'too many guesses'; seconds: number };

export interface GuessLimitOptions {
  /** So many wrong ones an address has at once. */
  burst: number;
  /** After which it has one more, milliseconds. */
  oneMoreEvery: number;
  /** A wrong one came; `exhausted`: it was the last for now. */
  wrong(address: string, exhausted: boolean): void;
}

interface Caller {
  left: number;
  /** When `left` was counted, epoch milliseconds. */
  at: number;
  /** Digests of tokens that were right from here: whoever shares an address with someone who guesses goes on working. */
  right: Set<string>;
  /** Digests of what is being looked up. */
  underway: Set<string>;
}

/** A limit for people who mistype and programs with an old token; a token can't be guessed at this pace. */
export function createGuessLimit(log: Pick<Logger, 'warn'>): GuessLimit {
  return new GuessLimit({
    burst: 40,
    oneMoreEvery: 15_000,
    wrong(address, exhausted) {
      log.warn({ address }, exhausted ? 'a wrong token; too many came from there, further ones wait' : 'a wrong token');
    },
  });
}

const mostCallers = 10_000;
const mostRight = 100;

/** Looks tokens up, and ends guessing: too many wrong ones from one address, and its others are not looked up for a while. */
export class GuessLimit {
  readonly #options: GuessLimitOptions;
  /** The one that came last stands last. */
  readonly #callers = new Map<string, Caller>();

  constructor(options: GuessLimitOptions) {
    this.#options = options;
  }

  async check<T>(address: string, token: string, lookUp: (token: string) => Promise<T | undefined>): Promise<Check<T>> {
    const caller = this.#callerAt(address);
    const digest = createHash('sha256').update(token).digest('base64');
    const trusted = caller.right.has(digest);
    if (!trusted && caller.left < 1) {
      const wait = (1 - caller.left) * this.#options.oneMoreEvery;
      return { outcome: 'too many guesses', seconds: Math.max(1, Math.ceil(wait / 1000)) };
    }
    // Counted before the answer is known, so that many that come at once are not all looked up; the same one twice is one guess.
    const counted = !trusted && !caller.underway.has(digest);
    if (counted) {
      caller.left -= 1;
      caller.underway.add(digest);
    }
    const who = await lookUp(token).finally(() => counted && caller.underway.delete(digest));
    if (who === undefined) {
      if (!counted && !trusted) caller.left -= 1;
      caller.right.delete(digest);
      this.#options.wrong(address, caller.left < 1);
      return { outcome: 'unknown' };
    }
    if (counted) caller.left += 1;
    if (caller.right.size < mostRight) caller.right.add(digest);
    return { outcome: 'known', who };
  }

  #callerAt(address: string): Caller {
    const { burst, oneMoreEvery } = this.#options;
    const key = isIPv6(address) ? networkOf(address) : address;
    const now = Date.now();
    const caller = this.#callers.get(key) ?? { left: burst, at: now, right: new Set(), underway: new Set() };
    caller.left = Math.min(burst, caller.left + Math.max(0, now - caller.at) / oneMoreEvery);
    caller.at = now;
    this.#callers.delete(key);
    this.#callers.set(key, caller);
    const [eldest] = this.#callers.keys();
    if (this.#callers.size > mostCallers && eldest !== undefined) this.#callers.delete(eldest);
    return caller;
  }
}

/** One machine has all of a /64. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
