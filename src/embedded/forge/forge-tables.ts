import type { Generated, Selectable } from 'kysely';

/** What a user may do in a repository, from the strongest to the weakest. */
export type Permission = 'admin' | 'write' | 'read' | 'none';

interface UsersTable {
  id: Generated<number>;
  login: string;
  type: 'User' | 'Organization';
  /** Base permission on every repository, as an organization grants it to its members. */
  permission: Permission;
  createdAt: string;
}

interface TokensTable {
  /** SHA-256 of the token in hex; the token itself is nowhere. */
  hash: string;
  userId: number;
  createdAt: string;
}

interface RepositoriesTable {
  id: Generated<number>;
  ownerId: number;
  owner: string;
  name: string;
  description: string;
  defaultBranch: string;
  /** The last number given to a pull request. */
  lastNumber: Generated<number>;
  createdAt: string;
  updatedAt: string;
}

interface CollaboratorsTable {
  repositoryId: number;
  userId: number;
  permission: Permission;
}

interface AnnouncedRefsTable {
  repositoryId: number;
  ref: string;
  /** Where the ref stood when its last push event was put into the outbox. */
  sha: string;
}

interface ProtectionsTable {
  repositoryId: number;
  branch: string;
  strict: number;
  /** JSON array of contexts; null when no status checks are required. */
  requiredChecks: string | null;
  enforceAdmins: number;
  /** Null when no reviews are required. */
  requiredApprovals: number | null;
}

interface PullsTable {
  id: Generated<number>;
  repositoryId: number;
  number: number;
  authorId: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  draft: number;
  headRef: string;
  headSha: string;
  baseRef: string;
  /** The base branch's tip when it was opened, and from then on the one that the forge saw last. */
  baseSha: string;
  mergedAt: string | null;
  mergedById: number | null;
  /** Written before the branch is moved: a merge cut short by a crash is finished, or forgotten, by looking at git. */
  mergeCommitSha: string | null;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
}

interface LabelsTable {
  id: Generated<number>;
  repositoryId: number;
  name: string;
  color: string;
  description: string | null;
}

interface PullLabelsTable {
  pullId: number;
  labelId: number;
}

interface CommentsTable {
  id: Generated<number>;
  repositoryId: number;
  number: number;
  authorId: number;
  body: string;
  createdAt: string;
  updatedAt: string;
}

interface ReviewsTable {
  id: Generated<number>;
  pullId: number;
  authorId: number;
  body: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED';
  commitSha: string;
  createdAt: string;
}

interface StatusesTable {
  id: Generated<number>;
  repositoryId: number;
  sha: string;
  context: string;
  state: 'pending' | 'success' | 'failure' | 'error';
  description: string | null;
  targetUrl: string | null;
  creatorId: number;
  createdAt: string;
}

interface CheckRunsTable {
  id: Generated<number>;
  repositoryId: number;
  sha: string;
  name: string;
  externalId: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  detailsUrl: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  startedAt: string | null;
  completedAt: string | null;
}

interface DeploymentsTable {
  id: Generated<number>;
  repositoryId: number;
  ref: string;
  sha: string;
  task: string;
  environment: string;
  description: string | null;
  /** JSON. */
  payload: string;
  creatorId: number;
  createdAt: string;
}

interface DeploymentStatusesTable {
  id: Generated<number>;
  deploymentId: number;
  state: string;
  description: string;
  logUrl: string;
  environmentUrl: string;
  creatorId: number;
  createdAt: string;
}

interface HooksTable {
  id: Generated<number>;
  repositoryId: number;
  url: string;
  contentType: 'json' | 'form';
  secret: string | null;
  /** JSON array of event names. */
  events: string;
  active: number;
  createdAt: string;
  updatedAt: string;
}

interface DeliveriesTable {
  id: Generated<number>;
  hookId: number;
  guid: string;
  event: string;
  action: string | null;
  /** The payload as JSON, exactly as it is signed. */
  payload: string;
  redelivery: number;
  state: 'pending' | 'delivered' | 'failed';
  attempts: Generated<number>;
  /** Milliseconds since the epoch. */
  nextAttemptAt: number;
  createdAt: string;
  deliveredAt: string | null;
  seconds: number | null;
  /** What the receiver answered, or why it did not. */
  status: string | null;
  statusCode: number | null;
  responseHeaders: string | null;
  responseBody: string | null;
}

export interface ForgeTables {
  users: UsersTable;
  tokens: TokensTable;
  repositories: RepositoriesTable;
  collaborators: CollaboratorsTable;
  announcedRefs: AnnouncedRefsTable;
  protections: ProtectionsTable;
  pulls: PullsTable;
  labels: LabelsTable;
  pullLabels: PullLabelsTable;
  comments: CommentsTable;
  reviews: ReviewsTable;
  statuses: StatusesTable;
  checkRuns: CheckRunsTable;
  deployments: DeploymentsTable;
  deploymentStatuses: DeploymentStatusesTable;
  hooks: HooksTable;
  deliveries: DeliveriesTable;
}

/** One row as it is read, `Row<'pulls'>`. */
export type Row<Table extends keyof ForgeTables> = Selectable<ForgeTables[Table]>;
