import type { ForgeUrls } from '../forge-urls.ts';
import type { GithubJson } from './github-json.ts';
import { type PullRecord, pullSummaryJson } from './pull-json.ts';
import { fullNameOf } from './repository-json.ts';

/** A pull request as the issue that it also is. */
export function issueJson(urls: ForgeUrls, record: PullRecord): GithubJson<'issue'> {
  const { pull, repository } = record;
  const fullName = fullNameOf(repository);
  const summary = pullSummaryJson(urls, record);
  const issue = urls.issue(fullName, pull.number);
  return {
    id: pull.id,
    url: issue,
    repository_url: urls.repository(fullName),
    comments_url: `${issue}/comments`,
    labels_url: `${issue}/labels{/name}`,
    html_url: urls.page(fullName, 'pull', pull.number),
    number: pull.number,
    state: pull.state,
    title: pull.title,
    body: pull.body,
    user: summary.user ?? null,
    labels: summary.labels ?? [],
    comments: record.comments,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    author_association: summary.author_association ?? 'NONE',
    locked: false,
    draft: pull.draft === 1,
    pull_request: {
      url: urls.pull(fullName, pull.number),
      html_url: urls.page(fullName, 'pull', pull.number),
      diff_url: `${urls.page(fullName, 'pull', pull.number)}.diff`,
      patch_url: `${urls.page(fullName, 'pull', pull.number)}.patch`,
      merged_at: pull.mergedAt,
    },
  };
}
