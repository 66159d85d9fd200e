/** `owner/name`. */
export type RepositoryName = string;

export interface PullRequest {
  number: number;
  title: string;
  state: 'open' | 'closed';
  merged: boolean;
  draft: boolean;
  author: string;
  /** True when the head lives in another repository: its code is not trusted. */
  fork: boolean;
  /** Whether the author has merged here before, is a member, … as the forge words it (`MEMBER`, `FIRST_TIME_CONTRIBUTOR`). */
  authorAssociation: string;
  baseBranch: string;
  baseSha: string;
  headBranch: string;
  headSha: string;
  url: string;
  labels: string[];
}

export interface CommitStatus {
  sha: string;
  context: string;
  state: 'pending' | 'success' | 'failure' | 'error';
  /** At most 140 characters; longer ones are cut. */
  description: string;
  targetUrl: string;
}

export interface CheckRun {
  sha: string;
  name: string;
  /** Ours: the same id is the same check run. */
  externalId: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | undefined;
  title: string;
  /** Markdown; cut at the forge's 65,535 characters. */
  summary: string;
  detailsUrl: string;
}

export interface DeploymentReport {
  environment: string;
  sha: string;
  /** Ours: the same id is the same deployment. */
  externalId: string;
  state: 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';
  description: string;
  logUrl: string;
}

export interface NewPullRequest {
  title: string;
  body: string;
  headBranch: string;
  baseBranch: string;
}

export interface NewCommit {
  tree: string;
  parents: string[];
  message: string;
  /** Epoch milliseconds: part of what the commit's id is made of. */
  at: number;
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export type MergeOutcome =
  | { outcome: 'merged'; sha: string }
  /** Branch protection, a conflict, or a moved head: the forge's own sentence. */
  | { outcome: 'refused'; reason: string };

/** A delivery as the forge remembers having sent it, whether it arrived or not. */
export interface SentDelivery {
  /** As in `X-GitHub-Delivery`. */
  id: string;
  event: string;
  sentAt: number;
  /** JSON text. */
  payload(): Promise<string>;
}

export type Permission = 'admin' | 'write' | 'read' | 'none';

/**
 * The forge that holds the config repository: GitHub, or the embedded one, behind one adapter. Reports are upserts: sent twice,
 * they stand once. Throws FairwayError: `unavailable` when the forge does not answer or limits us, `forbidden` when the token lacks a right.
 */
export interface Forge {
  /** URL for git over HTTPS without credentials; `gitAuthorization` goes into a header. */
  cloneUrl(repository: RepositoryName): string;
  gitAuthorization(repository: RepositoryName): Promise<string>;

  pullRequest(repository: RepositoryName, number: number): Promise<PullRequest | undefined>;
  openPullRequests(repository: RepositoryName): Promise<PullRequest[]>;
  branchHead(repository: RepositoryName, branch: string): Promise<string | undefined>;
  permission(repository: RepositoryName, user: string): Promise<Permission>;

  /** What was sent to the webhook with this URL since then; none when there is no such webhook. Throws `forbidden` or `missing` when the token may not read webhooks. */
  sentDeliveries(repository: RepositoryName, webhookUrl: string, since: number): Promise<SentDelivery[]>;

  /** Opens it, or updates title and body of the open one from that head to that base. */
  ensurePullRequest(repository: RepositoryName, request: NewPullRequest): Promise<PullRequest>;
  /** Users whose newest review of this head approves of it. */
  approvals(repository: RepositoryName, number: number, headSha: string): Promise<string[]>;
  closePullRequest(repository: RepositoryName, number: number): Promise<void>;
  /** Makes a commit that no branch holds yet; the same request twice is the same commit. Returns its id. */
  createCommit(repository: RepositoryName, commit: NewCommit): Promise<string>;
  /** Creates the branch, or moves it there (forced). */
  ensureBranch(repository: RepositoryName, branch: string, sha: string): Promise<void>;
  merge(repository: RepositoryName, number: number, headSha: string, method: MergeMethod): Promise<MergeOutcome>;

  reportStatus(repository: RepositoryName, status: CommitStatus): Promise<void>;
  /** `unsupported` where the token may not write checks (only apps may on GitHub): the caller falls back to statuses. */
  reportCheck(repository: RepositoryName, check: CheckRun): Promise<'reported' | 'unsupported'>;
  /** The one comment of this pull request that carries `marker` (an HTML comment), created or updated in place. */
  reportComment(repository: RepositoryName, number: number, marker: string, body: string): Promise<void>;
  /** A plain reply, sent once. */
  comment(repository: RepositoryName, number: number, body: string): Promise<void>;
  reportDeployment(repository: RepositoryName, deployment: DeploymentReport): Promise<void>;
}
