import type { Permission, Row } from '../forge-tables.ts';
import type { ForgeUrls } from '../forge-urls.ts';
import type { GithubJson } from './github-json.ts';
import { nodeId } from './node-id.ts';
import { fullNameOf, repositoryJson } from './repository-json.ts';
import { userJson } from './user-json.ts';

/** A pull request's row with the rows around it. */
export interface PullRecord {
  pull: Row<'pulls'>;
  repository: Row<'repositories'>;
  owner: Row<'users'>;
  author: Row<'users'>;
  authorPermission: Permission;
  mergedBy: Row<'users'> | undefined;
  labels: Row<'labels'>[];
  comments: number;
}

/** What git says about it. */
export interface PullState {
  mergeable: boolean | null;
  mergeableState: 'clean' | 'dirty' | 'blocked' | 'behind' | 'unstable' | 'draft' | 'unknown';
  commits: number;
  additions: number;
  deletions: number;
  changedFiles: number;
}

export function pullJson(urls: ForgeUrls, record: PullRecord, state: PullState): GithubJson<'pull-request'> {
  return {
    ...pullSummaryJson(urls, record),
    merged: record.pull.mergedAt !== null,
    mergeable: state.mergeable,
    rebaseable: state.mergeable,
    mergeable_state: state.mergeableState,
    merged_by: record.mergedBy ? userJson(urls, record.mergedBy) : null,
    comments: record.comments,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: state.commits,
    additions: state.additions,
    deletions: state.deletions,
    changed_files: state.changedFiles,
  };
}

/** Without what takes git to know: how lists show it. */
export function pullSummaryJson(urls: ForgeUrls, record: PullRecord): GithubJson<'pull-request'> {
  const { pull, repository, owner } = record;
  const fullName = fullNameOf(repository);
  const api = urls.pull(fullName, pull.number);
  const issue = urls.issue(fullName, pull.number);
  const html = urls.page(fullName, 'pull', pull.number);
  const end = (ref: string, sha: string) => ({
    label: `${repository.owner}:${ref}`,
    ref,
    sha,
    user: userJson(urls, owner),
    repo: repositoryJson(urls, repository, owner),
  });
  return {
    url: api,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: `${api}/commits`,
    comments_url: `${issue}/comments`,
    statuses_url: `${urls.repository(fullName)}/statuses/${pull.headSha}`,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userJson(urls, record.author),
    body: pull.body,
    labels: record.labels.map((label) => labelJson(urls, fullName, label)),
    milestone: null,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergedAt === null ? null : pull.mergeCommitSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: end(pull.headRef, pull.headSha),
    base: end(pull.baseRef, pull.baseSha),
    author_association: authorAssociation(record),
    auto_merge: null,
    draft: pull.draft === 1,
    _links: {
      self: { href: api },
      html: { href: html },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
    },
  };
}

export function labelJson(urls: ForgeUrls, fullName: string, label: Row<'labels'>) {
  return {
    id: label.id,
    node_id: nodeId('Label', label.id),
    url: `${urls.repository(fullName)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  } satisfies GithubJson<'label'>;
}

function authorAssociation(record: PullRecord): 'OWNER' | 'MEMBER' | 'NONE' {
  if (record.author.id === record.owner.id) return 'OWNER';
  return record.authorPermission === 'admin' || record.authorPermission === 'write' ? 'MEMBER' : 'NONE';
}
