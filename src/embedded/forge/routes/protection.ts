import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { access } from '../authentication.ts';
import { type ForgeContext, gitOf } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import type { GithubJson } from '../json/github-json.ts';
import { type ProtectionRule, protect, protectionOf, requiredChecks } from '../protection.ts';
import { parseInput } from '../request-input.ts';

export const branchPath = z.object({ branch: z.string() });
const checks = z.object({
  strict: z.boolean(),
  contexts: z.array(z.string()).default([]),
  checks: z.array(z.object({ context: z.string() })).default([]),
});
const protectionBody = z.object({
  required_status_checks: checks.nullable(),
  enforce_admins: z.boolean().nullable(),
  required_pull_request_reviews: z
    .object({ required_approving_review_count: z.number().int().min(0).max(6).default(1) })
    .nullable(),
  restrictions: z.unknown(),
});

/** Branch protection: what must be green, and approved, before a pull request is merged. */
export function protectionRoutes(api: FastifyInstance, forge: ForgeContext): void {
  const path = '/repos/:owner/:repo/branches/:branch/protection';

  api.get(path, async (request) => {
    const { repository, fullName } = await access(forge, request, 'admin');
    const row = await findProtection(forge, repository, branchPath.parse(request.params).branch);
    return protectionJson(`${forge.urls.repository(fullName)}/branches/${row.branch}/protection`, row);
  });

  api.put(path, async (request) => {
    const { repository, fullName } = await access(forge, request, 'admin');
    const { branch } = branchPath.parse(request.params);
    const rule = ruleOf(parseInput(protectionBody, request.body, 'ProtectedBranch'));
    if (!(await gitOf(forge, repository).branch(branch))) throw new ApiError(404, 'Branch not found');
    const row = await protect(forge.database, repository.id, branch, rule);
    return protectionJson(`${forge.urls.repository(fullName)}/branches/${branch}/protection`, row);
  });

  api.delete(path, async (request, reply) => {
    const { repository } = await access(forge, request, 'admin');
    const { branch } = await findProtection(forge, repository, branchPath.parse(request.params).branch);
    await forge.database
      .deleteFrom('protections')
      .where('repositoryId', '=', repository.id)
      .where('branch', '=', branch)
      .execute();
    return reply.code(204).send();
  });

  api.get(`${path}/required_status_checks`, async (request) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const row = await findProtection(forge, repository, branchPath.parse(request.params).branch);
    if (row.requiredChecks === null) throw new ApiError(404, 'Required status checks not enabled');
    return checksJson(`${forge.urls.repository(fullName)}/branches/${row.branch}/protection`, row);
  });
}

async function findProtection(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  branch: string,
): Promise<Row<'protections'>> {
  const row = await protectionOf(forge.database, repository.id, branch);
  if (row) return row;
  throw new ApiError(
    404,
    (await gitOf(forge, repository).branch(branch)) ? 'Branch not protected' : 'Branch not found',
  );
}

function ruleOf(body: z.output<typeof protectionBody>): ProtectionRule {
  const required = body.required_status_checks;
  return {
    requiredChecks: required
      ? [...new Set([...required.contexts, ...required.checks.map(({ context }) => context)])]
      : undefined,
    strict: required?.strict ?? false,
    enforceAdmins: body.enforce_admins ?? false,
    requiredApprovals: body.required_pull_request_reviews?.required_approving_review_count,
  };
}

function checksJson(url: string, row: Row<'protections'>): GithubJson<'protected-branch-required-status-check'> {
  const contexts = requiredChecks(row);
  return {
    url: `${url}/required_status_checks`,
    strict: row.strict === 1,
    contexts,
    contexts_url: `${url}/required_status_checks/contexts`,
    checks: contexts.map((context) => ({ context, app_id: null })),
  };
}

function protectionJson(url: string, row: Row<'protections'>): GithubJson<'branch-protection'> {
  return {
    url,
    ...(row.requiredChecks === null ? {} : { required_status_checks: checksJson(url, row) }),
    enforce_admins: { url: `${url}/enforce_admins`, enabled: row.enforceAdmins === 1 },
    ...(row.requiredApprovals === null
      ? {}
      : {
          required_pull_request_reviews: {
            url: `${url}/required_pull_request_reviews`,
            dismiss_stale_reviews: false,
            require_code_owner_reviews: false,
            required_approving_review_count: row.requiredApprovals,
          },
        }),
    allow_force_pushes: { enabled: false },
    allow_deletions: { enabled: false },
  };
}
