import type { Commit } from '../bare-repository.ts';
import type { ForgeUrls } from '../forge-urls.ts';
import type { FileChange } from '../git-diff.ts';
import type { GithubJson } from './github-json.ts';
import { nodeId } from './node-id.ts';

export function commitJson(urls: ForgeUrls, fullName: string, commit: Commit): GithubJson<'commit'> {
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    url: urls.commit(fullName, commit.sha),
    html_url: urls.page(fullName, 'commit', commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${urls.repository(fullName)}/git/trees/${commit.tree}` },
      url: `${urls.repository(fullName)}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({ sha, url: urls.commit(fullName, sha) })),
  };
}

/** The commit as git has it: `GET …/git/commits/SHA`. */
export function gitCommitJson(urls: ForgeUrls, fullName: string, commit: Commit): GithubJson<'git-commit'> {
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    url: `${urls.repository(fullName)}/git/commits/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    message: commit.message,
    tree: { sha: commit.tree, url: `${urls.repository(fullName)}/git/trees/${commit.tree}` },
    parents: commit.parents.map((sha) => ({ sha, url: urls.commit(fullName, sha) })),
  };
}

export function fileJson(urls: ForgeUrls, fullName: string, ref: string, file: FileChange): GithubJson<'diff-entry'> {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    contents_url: `${urls.repository(fullName)}/contents/${path}?ref=${ref}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  };
}
