import { FairwayError } from '../../domain/errors.ts';
import type { MergeMethod, MergeOutcome, NewPullRequest, PullRequest, RepositoryName } from '../../ports/forge.ts';
import { coordinates, type ForgeClient } from './forge-client.ts';
import { refusalOf } from './forge-failure.ts';

/** The fields that a list and a single answer have in common. */
interface ForgePullRequest {
  number: number;
  title: string;
  body: string | null;
  state: string;
  merged_at: string | null;
  merge_commit_sha?: string | null;
  draft?: boolean;
  user: { login: string } | null;
  author_association: string;
  html_url: string;
  labels: { name?: string }[];
  head: { ref: string; sha: string; repo?: { full_name: string } | null };
  base: { ref: string; sha: string; repo: { full_name: string } };
}

export async function findPullRequest(
  client: ForgeClient,
  repository: RepositoryName,
  number: number,
): Promise<PullRequest | undefined> {
  return await client.call(`read pull request #${number} of ${repository}`, 'pull requests: read', async ({ rest }) => {
    try {
      return pullRequest((await rest.pulls.get({ ...coordinates(repository), pull_number: number })).data);
    } catch (error) {
      if (refusalOf(error)?.status === 404) return undefined;
      throw error;
    }
  });
}

export async function listOpenPullRequests(client: ForgeClient, repository: RepositoryName): Promise<PullRequest[]> {
  return await client.call(
    `list the open pull requests of ${repository}`,
    'pull requests: read',
    async ({ rest, paginate }) => {
      const found = await paginate(rest.pulls.list, { ...coordinates(repository), state: 'open', per_page: 100 });
      return found.map(pullRequest);
    },
  );
}

export async function ensurePullRequest(
  client: ForgeClient,
  repository: RepositoryName,
  request: NewPullRequest,
): Promise<PullRequest> {
  const { title, body, headBranch, baseBranch } = request;
  const doing = `open a pull request from ${headBranch} to ${baseBranch} in ${repository}`;
  return await client.call(doing, 'pull requests: write', async ({ rest }) => {
    const where = coordinates(repository);
    const existing = await findOpen(client, repository, request);
    if (existing && existing.title === title && (existing.body ?? '') === body) return pullRequest(existing);
    if (existing)
      return pullRequest((await rest.pulls.update({ ...where, pull_number: existing.number, title, body })).data);
    try {
      return pullRequest((await rest.pulls.create({ ...where, title, body, head: headBranch, base: baseBranch })).data);
    } catch (error) {
      // Someone else, or our own request whose answer was lost, has been faster.
      const raced = refusalOf(error)?.status === 422 ? await findOpen(client, repository, request) : undefined;
      if (!raced) throw error;
      return pullRequest((await rest.pulls.update({ ...where, pull_number: raced.number, title, body })).data);
    }
  });
}

/** A review of an earlier head says nothing of this one; of several by one user the newest counts that is more than a comment. */
export async function findApprovals(
  client: ForgeClient,
  repository: RepositoryName,
  number: number,
  headSha: string,
): Promise<string[]> {
  return await client.call(
    `list the reviews of pull request #${number} of ${repository}`,
    'pull requests: read',
    async ({ rest, paginate }) => {
      const where = { ...coordinates(repository), pull_number: number, per_page: 100 };
      const newest = new Map<string, boolean>();
      for (const { user, state, commit_id } of await paginate(rest.pulls.listReviews, where))
        if (user && commit_id === headSha && state !== 'COMMENTED') newest.set(user.login, state === 'APPROVED');
      return [...newest].filter(([, approved]) => approved).map(([login]) => login);
    },
  );
}

export async function closePullRequest(client: ForgeClient, repository: RepositoryName, number: number): Promise<void> {
  await client.call(`close pull request #${number} of ${repository}`, 'pull requests: write', ({ rest }) =>
    rest.pulls.update({ ...coordinates(repository), pull_number: number, state: 'closed' }),
  );
}

async function findOpen(
  client: ForgeClient,
  repository: RepositoryName,
  request: NewPullRequest,
): Promise<ForgePullRequest | undefined> {
  const where = coordinates(repository);
  const head = `${where.owner}:${request.headBranch}`;
  const { data } = await client.octokit.rest.pulls.list({ ...where, state: 'open', head, base: request.baseBranch });
  return data[0];
}

/** Merges, unless it is merged already; the forge's refusal is an outcome. */
export async function mergePullRequest(
  client: ForgeClient,
  repository: RepositoryName,
  number: number,
  headSha: string,
  method: MergeMethod,
): Promise<MergeOutcome> {
  return await client.call(`merge pull request #${number} of ${repository}`, 'contents: write', async ({ rest }) => {
    const where = { ...coordinates(repository), pull_number: number };
    const { data: before } = await rest.pulls.get(where);
    if (before.merged) return mergedBefore(before, headSha);
    try {
      const { data } = await rest.pulls.merge({ ...where, sha: headSha, merge_method: method });
      return { outcome: 'merged', sha: data.sha };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal?.status !== 405 && refusal?.status !== 409) throw error;
      return { outcome: 'refused', reason: refusal.message };
    }
  });
}

function mergedBefore(pull: ForgePullRequest, headSha: string): MergeOutcome {
  if (pull.head.sha !== headSha) {
    return {
      outcome: 'refused',
      reason: `Pull request #${pull.number} was merged at ${pull.head.sha}, not at ${headSha}.`,
    };
  }
  if (!pull.merge_commit_sha)
    throw new FairwayError(
      'unavailable',
      `pull request #${pull.number} is merged, but its merge commit is not known yet`,
    );
  return { outcome: 'merged', sha: pull.merge_commit_sha };
}

function pullRequest(pull: ForgePullRequest): PullRequest {
  return {
    number: pull.number,
    title: pull.title,
    state: pull.state === 'open' ? 'open' : 'closed',
    merged: pull.merged_at !== null,
    draft: pull.draft ?? false,
    author: pull.user?.login ?? 'ghost',
    // A fork that was deleted leaves no repository behind; its code is not ours either.
    fork: pull.head.repo?.full_name !== pull.base.repo.full_name,
    authorAssociation: pull.author_association,
    baseBranch: pull.base.ref,
    baseSha: pull.base.sha,
    headBranch: pull.head.ref,
    headSha: pull.head.sha,
    url: pull.html_url,
    labels: pull.labels.flatMap(({ name }) => name ?? []),
  };
}
