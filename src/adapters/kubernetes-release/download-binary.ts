import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import type { OfficialAsset } from './official-asset.ts';

/** Where there is no way out, this is what a try costs. */
const answerMs = 8_000;
const transferMs = 15 * 60_000;

/** Fetches an official program into the file `target`, checked against its published sha256. */
export async function downloadBinary(asset: OfficialAsset, target: string, signal: AbortSignal): Promise<void> {
  const part = `${target}.download`;
  try {
    const expected = publishedSum(await text(asset.checksumUrl, signal), asset.url);
    const actual = await save(asset.url, part, signal);
    if (actual !== expected) {
      throw new FairwayError(
        'unavailable',
        `${asset.url} has sha256 ${actual}, but ${expected} is published: not used`,
      );
    }
    if (asset.member === undefined) await rename(part, target);
    else await extractMember(part, asset.member, target);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FairwayError) throw error;
    throw new FairwayError('unavailable', `${asset.url} can't be fetched: ${rootCause(error)}`, { cause: error });
  } finally {
    await rm(part, { force: true });
  }
}

async function answer(url: string, signal: AbortSignal, totalMs: number): Promise<Response> {
  const headers = new AbortController();
  const timer = setTimeout(() => headers.abort(new Error(`no answer within ${answerMs / 1000} s`)), answerMs);
  try {
    const deadline = AbortSignal.any([signal, headers.signal, AbortSignal.timeout(totalMs)]);
    const response = await fetch(url, { signal: deadline });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response;
  } finally {
    clearTimeout(timer);
  }
}

async function text(url: string, signal: AbortSignal): Promise<string> {
  const response = await answer(url, signal, answerMs);
  return await response.text();
}

/** Either a bare sum, or lines of `sum  file` as sha256sum writes them. */
function publishedSum(published: string, url: string): string {
  const file = url.slice(url.lastIndexOf('/') + 1);
  const lines = published.trim().split('\n');
  const line = lines.length === 1 ? lines[0] : lines.find((candidate) => candidate.trim().endsWith(file));
  const sum = line?.trim().split(/\s+/)[0]?.toLowerCase();
  if (sum === undefined || !/^[0-9a-f]{64}$/.test(sum)) throw new Error(`no sha256 of ${file} is published beside it`);
  return sum;
}

async function save(url: string, file: string, signal: AbortSignal): Promise<string> {
  const response = await answer(url, signal, transferMs);
  if (response.body === null) throw new Error('an empty answer');
  const hash = createHash('sha256');
  const digest = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(response.body, digest, createWriteStream(file));
  return hash.digest('hex');
}

async function extractMember(archive: string, member: string, target: string): Promise<void> {
  const entries = extract();
  const reading = pipeline(createReadStream(archive), createGunzip(), entries);
  let found = false;
  for await (const entry of entries) {
    if (entry.header.name.replace(/^\.\//, '') === member) {
      await pipeline(entry, createWriteStream(target));
      found = true;
    } else entry.resume();
  }
  await reading;
  if (!found) throw new Error(`the archive holds no ${member}`);
}

/** `fetch failed` alone tells nobody anything: its cause does. */
function rootCause(error: unknown): string {
  if (error instanceof Error && error.cause instanceof Error) return rootCause(error.cause);
  return messageOf(error);
}
