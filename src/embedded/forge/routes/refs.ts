import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { announceRefs } from '../announce-refs.ts';
import { ApiError, notFound } from '../api-error.ts';
import { type Access, access } from '../authentication.ts';
import { NO_COMMIT } from '../bare-repository.ts';
import { type ForgeContext, gitOf } from '../forge-context.ts';
import type { GithubJson } from '../json/github-json.ts';
import { nodeId } from '../json/node-id.ts';
import { paginate } from '../pagination.ts';
import { protectedRefs } from '../protection.ts';
import { parseInput } from '../request-input.ts';

/** Without `refs/`, as GitHub writes it in paths: `heads/main`. */
const refPath = z.object({ '*': z.string() });
const sha = z.string().regex(/^[0-9a-f]{40}$/, 'is not a full SHA');
const newRef = z.object({
  ref: z.string().regex(/^refs\/(heads|tags)\/.+/, 'must start with refs/heads/ or refs/tags/'),
  sha,
});
const refMove = z.object({ sha, force: z.boolean().default(false) });

/** git refs: get, create, move, delete. */
export function refRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.get('/repos/:owner/:repo/git/ref/*', async (request) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const ref = `refs/${refPath.parse(request.params)['*']}`;
    const at = (await gitOf(forge, repository).refs(ref)).get(ref);
    if (at === undefined) throw notFound();
    return refJson(forge, fullName, ref, at);
  });

  api.get('/repos/:owner/:repo/git/matching-refs/*', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const prefix = `refs/${refPath.parse(request.params)['*']}`;
    const refs = [...(await gitOf(forge, repository).refs('refs/heads', 'refs/tags'))].filter(([ref]) =>
      ref.startsWith(prefix),
    );
    return paginate(request, reply, forge.urls.root, refs).map(([ref, at]) => refJson(forge, fullName, ref, at));
  });

  api.post('/repos/:owner/:repo/git/refs', async (request, reply) => {
    const granted = await access(forge, request, 'write');
    const { ref, sha: to } = parseInput(newRef, request.body, 'Reference');
    await moveRef(forge, granted, ref, async (from) => {
      if (from !== undefined) throw new ApiError(422, 'Reference already exists');
      return to;
    });
    return reply.code(201).send(refJson(forge, granted.fullName, ref, to));
  });

  api.patch('/repos/:owner/:repo/git/refs/*', async (request) => {
    const granted = await access(forge, request, 'write');
    const ref = `refs/${refPath.parse(request.params)['*']}`;
    const { sha: to, force } = parseInput(refMove, request.body, 'Reference');
    await moveRef(forge, granted, ref, async (from) => {
      if (from === undefined) throw new ApiError(422, 'Reference does not exist');
      if (!force && !(await gitOf(forge, granted.repository).isAncestor(from, to)))
        throw new ApiError(422, 'Update is not a fast forward');
      return to;
    });
    return refJson(forge, granted.fullName, ref, to);
  });

  api.delete('/repos/:owner/:repo/git/refs/*', async (request, reply) => {
    const granted = await access(forge, request, 'write');
    await moveRef(forge, granted, `refs/${refPath.parse(request.params)['*']}`, async (from) => {
      if (from === undefined) throw new ApiError(422, 'Reference does not exist');
      return NO_COMMIT;
    });
    return reply.code(204).send();
  });
}

async function moveRef(
  forge: ForgeContext,
  { repository, viewer, permission }: Access,
  ref: string,
  decide: (from: string | undefined) => Promise<string>,
): Promise<void> {
  const git = gitOf(forge, repository);
  await forge.serial.run(String(repository.id), async () => {
    const { exitCode } = await git.tryGit(['check-ref-format', ref]);
    if (exitCode !== 0 || !/^refs\/(heads|tags)\//.test(ref)) throw new ApiError(422, `${ref} is not a valid ref name`);
    const from = (await git.refs(ref)).get(ref);
    const to = await decide(from);
    if (from !== undefined && (await protectedRefs(forge.database, repository.id, permission)).includes(ref)) {
      throw new ApiError(
        422,
        `Protected branch update failed for ${ref}. Changes must be made through a pull request.`,
      );
    }
    if (to !== NO_COMMIT && !(await git.resolve(to))) throw new ApiError(422, 'Object does not exist');
    const moved = await git.moveRef(ref, from ?? NO_COMMIT, to);
    if (moved === 'raced') throw new ApiError(422, 'Reference cannot be updated');
    await announceRefs(forge, repository, viewer);
  });
}

function refJson(forge: ForgeContext, fullName: string, ref: string, sha: string): GithubJson<'git-ref'> {
  const api = forge.urls.repository(fullName);
  return {
    ref,
    node_id: nodeId('Ref', `${fullName}:${ref}`),
    url: `${api}/git/${ref}`,
    object: { type: 'commit', sha, url: `${api}/git/commits/${sha}` },
  };
}
