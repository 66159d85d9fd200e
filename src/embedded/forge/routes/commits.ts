import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApiError, notFound } from '../api-error.ts';
import { access } from '../authentication.ts';
import type { BareRepository, Commit } from '../bare-repository.ts';
import { type ForgeContext, gitOf } from '../forge-context.ts';
import { changedFiles } from '../git-diff.ts';
import { commitTree } from '../git-merge.ts';
import { commitJson, fileJson, gitCommitJson } from '../json/commit-json.ts';
import { paginate } from '../pagination.ts';
import { emailOf } from '../push-payload.ts';
import { parseInput } from '../request-input.ts';

const refPath = z.object({ ref: z.string() });
const shaPath = z.object({ sha: z.string() });
const comparePath = z.object({ '*': z.string() });
const sha = z.string().regex(/^[0-9a-f]{40}$/, 'is not a full SHA');
const person = z.object({ name: z.string().min(1), email: z.string().min(1), date: z.iso.datetime().exactOptional() });
const newCommit = z.object({
  tree: sha,
  parents: z.array(sha).default([]),
  message: z.string(),
  author: person.optional(),
  committer: person.optional(),
});
const listQuery = z.object({ sha: z.string().optional(), path: z.string().optional() });

/** Commits: list, get, and what lies between two of them. */
export function commitRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.get('/repos/:owner/:repo/commits', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const { sha: from, path } = parseInput(listQuery, request.query, 'Commit');
    const git = gitOf(forge, repository);
    const tip = await git.resolve(from ?? repository.defaultBranch);
    if (!tip) throw notFound();
    const commits = await git.log(tip, [], path);
    return paginate(request, reply, forge.urls.root, commits).map((commit) => commitJson(forge.urls, fullName, commit));
  });

  api.get('/repos/:owner/:repo/commits/:ref', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const { ref } = refPath.parse(request.params);
    const git = gitOf(forge, repository);
    const sha = await git.resolve(ref);
    if (!sha) throw new ApiError(422, `No commit found for SHA: ${ref}`);
    if (request.headers.accept?.includes('application/vnd.github.sha')) return reply.type('text/plain').send(sha);
    const commit = await git.commit(sha);
    const files = await filesOf(git, commit);
    const additions = files.reduce((sum, file) => sum + file.additions, 0);
    const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
    return {
      ...commitJson(forge.urls, fullName, commit),
      stats: { additions, deletions, total: additions + deletions },
      files: files.map((file) => fileJson(forge.urls, fullName, sha, file)),
    };
  });

  api.get('/repos/:owner/:repo/git/commits/:sha', async (request) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const git = gitOf(forge, repository);
    const sha = await git.resolve(shaPath.parse(request.params).sha);
    if (!sha) throw notFound();
    return gitCommitJson(forge.urls, fullName, await git.commit(sha));
  });

  api.post('/repos/:owner/:repo/git/commits', async (request, reply) => {
    const { repository, fullName, viewer } = await access(forge, request, 'write');
    const { tree, parents, message, author, committer } = parseInput(newCommit, request.body, 'Commit');
    const git = gitOf(forge, repository);
    const needed = [`${tree}^{tree}`, ...parents.map((parent) => `${parent}^{commit}`)];
    for (const object of needed)
      if ((await git.tryGit(['cat-file', '-e', object])).exitCode !== 0)
        throw new ApiError(422, `The object ${object} does not exist`);
    const now = { name: viewer.login, email: emailOf(viewer.login), date: new Date().toISOString() };
    const by = { ...now, ...author };
    const sha = await commitTree(git, tree, parents, message, { ...by, ...committer }, by);
    return reply.code(201).send(gitCommitJson(forge.urls, fullName, await git.commit(sha)));
  });

  api.get('/repos/:owner/:repo/compare/*', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const [base = '', head = ''] = comparePath.parse(request.params)['*'].split('...');
    const git = gitOf(forge, repository);
    const [baseSha, headSha] = [await git.resolve(base), await git.resolve(head)];
    if (!baseSha || !headSha) throw notFound();
    const mergeBase = await git.mergeBase(baseSha, headSha);
    if (!mergeBase) throw new ApiError(404, `No common ancestor between ${base} and ${head}.`);
    const ahead = await git.log(`${baseSha}..${headSha}`, ['--reverse']);
    const behind = await git.count(`${headSha}..${baseSha}`);
    const url = `${forge.urls.repository(fullName)}/compare/${base}...${head}`;
    return {
      url,
      html_url: forge.urls.page(fullName, 'compare', `${base}...${head}`),
      base_commit: commitJson(forge.urls, fullName, await git.commit(baseSha)),
      merge_base_commit: commitJson(forge.urls, fullName, await git.commit(mergeBase)),
      status: ahead.length > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical',
      ahead_by: ahead.length,
      behind_by: behind,
      total_commits: ahead.length,
      commits: paginate(request, reply, forge.urls.root, ahead).map((commit) =>
        commitJson(forge.urls, fullName, commit),
      ),
      files: (await changedFiles(git, mergeBase, headSha)).map((file) => fileJson(forge.urls, fullName, headSha, file)),
    };
  });
}

async function filesOf(git: BareRepository, commit: Commit) {
  const from = commit.parents[0] ?? (await git.emptyTree());
  return await changedFiles(git, from, commit.sha);
}
