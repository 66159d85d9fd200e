import { z } from 'zod';
import type { DeploymentReport, RepositoryName } from '../../ports/forge.ts';
import { coordinates, type ForgeClient } from './forge-client.ts';
import { shortenCharacters } from './shorten.ts';

const LONGEST_DESCRIPTION = 140;
const ours = z.object({ externalId: z.string() });

/** Finds or creates the deployment with this external id, and gives it this state unless it is its last one. */
export async function reportDeployment(
  client: ForgeClient,
  repository: RepositoryName,
  report: DeploymentReport,
): Promise<void> {
  const { environment, sha, state, logUrl } = report;
  const description = shortenCharacters(report.description, LONGEST_DESCRIPTION);
  await client.call(
    `report the deployment of ${sha} to ${environment} in ${repository}`,
    'deployments: write',
    async ({ rest }) => {
      const where = coordinates(repository);
      const id =
        (await findDeployment(client, repository, report)) ?? (await createDeployment(client, repository, report));
      const { data } = await rest.repos.listDeploymentStatuses({ ...where, deployment_id: id, per_page: 1 });
      const last = data[0];
      if (last?.state === state && last.description === description && (last.log_url ?? '') === logUrl) return;
      await rest.repos.createDeploymentStatus({
        ...where,
        deployment_id: id,
        state,
        description,
        ...(logUrl ? { log_url: logUrl } : {}),
      });
    },
  );
}

async function findDeployment(
  client: ForgeClient,
  repository: RepositoryName,
  report: DeploymentReport,
): Promise<number | undefined> {
  const { rest, paginate } = client.octokit;
  const { environment, sha, externalId } = report;
  const known = await paginate(rest.repos.listDeployments, {
    ...coordinates(repository),
    environment,
    sha,
    per_page: 100,
  });
  const found = known.find(({ payload }) => externalIdOf(payload) === externalId);
  return found === undefined ? undefined : Number(found.id);
}

async function createDeployment(
  client: ForgeClient,
  repository: RepositoryName,
  report: DeploymentReport,
): Promise<number> {
  const { data } = await client.octokit.rest.repos.createDeployment({
    ...coordinates(repository),
    ref: report.sha,
    environment: report.environment,
    payload: { externalId: report.externalId },
    // The revision has been proven by our own gate; GitHub shall neither merge nor wait.
    auto_merge: false,
    required_contexts: [],
  });
  if (!('id' in data) || data.id === undefined)
    throw new Error(`the forge made no deployment of ${report.sha} to ${report.environment}`);
  return Number(data.id);
}

/** GitHub gives the payload back as an object, or as the text that was sent. */
function externalIdOf(payload: unknown): string | undefined {
  if (typeof payload !== 'string') return ours.safeParse(payload).data?.externalId;
  return /^\s*\{/.test(payload) ? ours.safeParse(JSON.parse(payload)).data?.externalId : undefined;
}
