import { z } from 'zod';
import { type RunSummary, runSummary } from '../api/run-view.ts';
import { FairwayError } from '../domain/errors.ts';
import { ApiClient } from './api-client.ts';

const list = z.object({ items: z.array(runSummary) });

export interface Pull {
  /** `owner/name`. */
  repository: string;
  number: number;
  headSha: string;
}

/** The newest run of the pull request itself: a commit's status may speak for another pull request with the same head. */
export async function proofOfPull(
  options: { state?: string },
  { repository, number }: Pull,
): Promise<RunSummary | undefined> {
  const api = await ApiClient.find({ ...options, output: 'json' });
  const query = new URLSearchParams({ repository, pullRequest: String(number), limit: '1' });
  return (await api.get(`/api/v1/runs?${query}`, list)).items[0];
}

/** Throws FairwayError `conflict` unless the pull request, as it stands, was proven; one that Fairway has no run for is the forge's business. */
export async function requireProof(options: { state?: string }, pull: Pull): Promise<void> {
  const run = await proofOfPull(options, pull);
  if (run === undefined) return;
  const why = missingProof(run, pull);
  if (why !== undefined) throw new FairwayError('conflict', `#${pull.number} is not merged: ${why}`);
}

function missingProof({ id, status, reason, headSha }: RunSummary, pull: Pull): string | undefined {
  if (headSha !== pull.headSha)
    return `its head ${pull.headSha.slice(0, 8)} has no run yet, the newest one is for ${headSha.slice(0, 8)}`;
  if (status === 'succeeded') return undefined;
  if (status === 'queued' || status === 'running')
    return `run ${id} is still proving it; fairway run ${id} --follow shows how`;
  return `run ${id} ${status}: ${reason}`;
}
