import type { CheckRun, CommitStatus, RepositoryName } from '../../ports/forge.ts';
import { coordinates, type ForgeClient } from './forge-client.ts';
import { refusalOf } from './forge-failure.ts';
import { shortenBytes, shortenCharacters } from './shorten.ts';

const LONGEST_DESCRIPTION = 140;
const LONGEST_SUMMARY_BYTES = 65_535;

/** Sets the status unless it stands there already. */
export async function reportStatus(
  client: ForgeClient,
  repository: RepositoryName,
  status: CommitStatus,
): Promise<void> {
  const { sha, context, state, targetUrl } = status;
  const description = shortenCharacters(status.description, LONGEST_DESCRIPTION);
  await client.call(
    `set the status ${context} on ${sha} in ${repository}`,
    'commit statuses: write',
    async ({ rest, paginate }) => {
      const where = coordinates(repository);
      const known = await paginate(
        rest.repos.listCommitStatusesForRef,
        { ...where, ref: sha, per_page: 100 },
        ({ data }, done) => {
          const ours = data.filter((candidate) => candidate.context === context);
          if (ours.length > 0) done();
          return ours;
        },
      );
      const last = known[0];
      if (last?.state === state && (last.description ?? '') === description && (last.target_url ?? '') === targetUrl)
        return;
      await rest.repos.createCommitStatus({
        ...where,
        sha,
        context,
        state,
        description,
        ...(targetUrl ? { target_url: targetUrl } : {}),
      });
    },
  );
}

/** Creates the check run with this external id, or updates the one that is there; GitHub lets only apps write them. */
export async function reportCheck(
  client: ForgeClient,
  repository: RepositoryName,
  check: CheckRun,
): Promise<'reported' | 'unsupported'> {
  return await client.call(
    `write the check ${check.name} on ${check.sha} in ${repository}`,
    'checks: write',
    async () => {
      try {
        await upsertCheck(client, repository, check);
        return 'reported';
      } catch (error) {
        if (isAppsOnly(error)) return 'unsupported';
        throw error;
      }
    },
  );
}

async function upsertCheck(client: ForgeClient, repository: RepositoryName, check: CheckRun): Promise<void> {
  const { rest, paginate } = client.octokit;
  const where = coordinates(repository);
  const wanted = {
    name: check.name,
    external_id: check.externalId,
    status: check.status,
    ...(check.conclusion === undefined ? {} : { conclusion: check.conclusion }),
    ...(check.detailsUrl ? { details_url: check.detailsUrl } : {}),
    output: { title: check.title, summary: shortenBytes(check.summary, LONGEST_SUMMARY_BYTES) },
  };
  const known = await paginate(rest.checks.listForRef, {
    ...where,
    ref: check.sha,
    check_name: check.name,
    filter: 'all',
    per_page: 100,
  });
  const existing = known.find((candidate) => candidate.external_id === check.externalId);
  if (!existing) {
    await rest.checks.create({ ...where, head_sha: check.sha, ...wanted });
    return;
  }
  const same =
    existing.status === check.status &&
    (existing.conclusion ?? undefined) === check.conclusion &&
    (existing.details_url ?? '') === check.detailsUrl &&
    existing.output.title === wanted.output.title &&
    existing.output.summary === wanted.output.summary;
  if (!same) await rest.checks.update({ ...where, check_run_id: Number(existing.id), ...wanted });
}

/** GitHub's sentences for tokens that never may, whatever their rights. */
function isAppsOnly(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal?.status === 403 && /Resource not accessible|authenticate via a GitHub App/i.test(refusal.message);
}
