import type { Permission, Row } from '../forge-tables.ts';
import type { ForgeUrls } from '../forge-urls.ts';
import type { GithubJson } from './github-json.ts';
import { nodeId } from './node-id.ts';
import { userJson } from './user-json.ts';

export function fullNameOf(repository: Row<'repositories'>): string {
  return `${repository.owner}/${repository.name}`;
}

export function repositoryJson(
  urls: ForgeUrls,
  repository: Row<'repositories'>,
  owner: Row<'users'>,
): GithubJson<'repository'> {
  const fullName = fullNameOf(repository);
  const api = urls.repository(fullName);
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: fullName,
    owner: userJson(urls, owner),
    private: true,
    visibility: 'private',
    html_url: urls.page(fullName),
    description: repository.description || null,
    fork: false,
    url: api,
    clone_url: urls.git(fullName),
    git_url: urls.git(fullName),
    hooks_url: `${api}/hooks`,
    branches_url: `${api}/branches{/branch}`,
    compare_url: `${api}/compare/{base}...{head}`,
    contents_url: `${api}/contents/{+path}`,
    pulls_url: `${api}/pulls{/number}`,
    statuses_url: `${api}/statuses/{sha}`,
    default_branch: repository.defaultBranch,
    archived: false,
    disabled: false,
    has_issues: false,
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: true,
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
    pushed_at: repository.updatedAt,
  };
}

/** What a permission allows, as GitHub's booleans. */
export function permissionsJson(permission: Permission) {
  const write = permission === 'admin' || permission === 'write';
  return {
    admin: permission === 'admin',
    maintain: permission === 'admin',
    push: write,
    triage: write,
    pull: permission !== 'none',
  };
}
