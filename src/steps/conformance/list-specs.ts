import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { FairwayError, messageOf } from '../../domain/errors.ts';

const listMs = 60_000;

/** The full names of all specs that this e2e.test holds. */
export async function listSpecs(e2eTest: string): Promise<string[]> {
  // It leaves a folder for each time it is asked.
  const temporary = await mkdtemp(join(tmpdir(), 'fairway-specs-'));
  try {
    const { stdout } = await execa(e2eTest, ['--list-tests'], {
      timeout: listMs,
      stdin: 'ignore',
      env: { TMPDIR: temporary },
    });
    // `    file.go:264: [sig-node] Pods should …`
    return stdout.split('\n').flatMap((line) => /^ +\S+\.go:\d+: (.+)$/.exec(line)?.[1] ?? []);
  } catch (error) {
    throw new FairwayError('unavailable', `${e2eTest} can't list its specs: ${messageOf(error)}`, { cause: error });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
