import type { Forge } from '../../ports/forge.ts';
import { ensureBranch, findBranchHead, findPermission } from './branches.ts';
import { postComment, reportComment } from './comments.ts';
import { reportCheck, reportStatus } from './commit-reports.ts';
import { createCommit } from './commits.ts';
import { reportDeployment } from './deployments.ts';
import { ForgeClient } from './forge-client.ts';
import {
  closePullRequest,
  ensurePullRequest,
  findApprovals,
  findPullRequest,
  listOpenPullRequests,
  mergePullRequest,
} from './pull-requests.ts';
import { listSentDeliveries } from './sent-deliveries.ts';

export interface GithubForgeOptions {
  /** Of the REST API: `https://api.github.com`, or `URL/api/v3`. */
  baseUrl: string;
  /** Before `owner/name.git`: `https://github.com`. */
  gitBaseUrl: string;
  auth: { token: string } | { appId: number | string; privateKey: string; installationId: number };
  /** `github` spaces writes by a second, as GitHub asks of its clients; `none` is for a forge of our own. */
  pace?: 'github' | 'none';
  /** How long one request may take; 10 s when not given. */
  requestTimeoutMs?: number;
  /** The longest wait for a rate limit before the call fails as `unavailable`; 30 s when not given. */
  longestWaitSeconds?: number;
  /** The unit of the waits between attempts; a second when not given. */
  retryUnitMs?: number;
}

/** GitHub, or whatever speaks its REST API. */
export function createGithubForge(options: GithubForgeOptions): Forge {
  const client = new ForgeClient(options);
  const gitBaseUrl = options.gitBaseUrl.replace(/\/+$/, '');
  return {
    cloneUrl: (repository) => `${gitBaseUrl}/${repository}.git`,
    gitAuthorization: async () => `Basic ${Buffer.from(`x-access-token:${await client.token()}`).toString('base64')}`,
    pullRequest: (repository, number) => findPullRequest(client, repository, number),
    openPullRequests: (repository) => listOpenPullRequests(client, repository),
    branchHead: (repository, branch) => findBranchHead(client, repository, branch),
    permission: (repository, user) => findPermission(client, repository, user),
    sentDeliveries: (repository, webhookUrl, since) => listSentDeliveries(client, repository, webhookUrl, since),
    ensurePullRequest: (repository, request) => ensurePullRequest(client, repository, request),
    approvals: (repository, number, headSha) => findApprovals(client, repository, number, headSha),
    closePullRequest: (repository, number) => closePullRequest(client, repository, number),
    createCommit: (repository, commit) => createCommit(client, repository, commit),
    ensureBranch: (repository, branch, sha) => ensureBranch(client, repository, branch, sha),
    merge: (repository, number, headSha, method) => mergePullRequest(client, repository, number, headSha, method),
    reportStatus: (repository, status) => reportStatus(client, repository, status),
    reportCheck: (repository, check) => reportCheck(client, repository, check),
    reportComment: (repository, number, marker, body) => reportComment(client, repository, number, marker, body),
    comment: (repository, number, body) => postComment(client, repository, number, body),
    reportDeployment: (repository, deployment) => reportDeployment(client, repository, deployment),
  };
}
