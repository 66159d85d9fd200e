import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { announceRefsInTurn } from './announce-refs.ts';
import { type Access, accessTo, authenticate } from './authentication.ts';
import { readCgiHead } from './cgi-response.ts';
import type { ForgeContext } from './forge-context.ts';
import { gitEnvironment } from './git-environment.ts';
import { PROTECTED_REFS } from './git-hooks.ts';
import { protectedRefs } from './protection.ts';

const gitPath = z.object({ owner: z.string(), repo: z.string().endsWith('.git'), '*': z.string() });
const gitQuery = z.object({ service: z.string().optional() });

/** A config repository is text; a push is written to disk as it comes. */
const LARGEST_PUSH = '1g';

/** git's smart HTTP protocol, spoken by `git http-backend`: one process per request, bodies streamed both ways. */
export async function gitHttp(server: FastifyInstance, options: { forge: ForgeContext; hooks: string }): Promise<void> {
  const { forge, hooks } = options;
  const underway = new Map<Promise<unknown>, () => void>();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  server.addHook('onClose', async () => {
    for (const stop of underway.values()) stop();
    await Promise.all(underway.keys());
  });

  const serve = async (request: FastifyRequest, reply: FastifyReply) => {
    const { '*': rest } = gitPath.parse(request.params);
    const receives = rest === 'git-receive-pack' || gitQuery.parse(request.query).service === 'git-receive-pack';
    const access = await authorize(forge, request, receives);
    const backend = startBackend(request, await backendEnvironment(forge, hooks, request, access, rest));
    const finished = backend.ended.then(async () => {
      if (rest === 'git-receive-pack') await announceRefsInTurn(forge, access.repository, access.viewer);
    });
    const tracked = finished.catch((error: unknown) =>
      forge.log.error({ err: error, repository: access.fullName }, 'a push could not be announced'),
    );
    underway.set(tracked, backend.stop);
    void tracked.finally(() => underway.delete(tracked));
    const { status, headers, body } = await readCgiHead(backend.output);
    reply.code(status).headers(headers);
    return reply.send(Readable.from(bodyThen(body, tracked)));
  };
  server.get('/:owner/:repo/*', serve);
  server.post('/:owner/:repo/*', serve);
}

/** The answer ends only when the push has been taken note of: who has pushed finds the pull request at its new head. */
async function* bodyThen(body: AsyncIterable<Buffer>, finished: Promise<unknown>): AsyncGenerator<Buffer> {
  yield* body;
  await finished;
}

async function authorize(forge: ForgeContext, request: FastifyRequest, receives: boolean): Promise<Access> {
  const { owner, repo } = gitPath.parse(request.params);
  const viewer = await authenticate(forge, request);
  return await accessTo(forge, viewer, { owner, name: repo.slice(0, -'.git'.length) }, receives ? 'write' : 'read');
}

async function backendEnvironment(
  forge: ForgeContext,
  hooks: string,
  request: FastifyRequest,
  access: Access,
  rest: string,
) {
  const { repository, viewer } = access;
  const refs = await protectedRefs(forge.database, repository.id, access.permission);
  return {
    ...gitEnvironment({ 'core.hooksPath': hooks, 'receive.maxInputSize': LARGEST_PUSH }),
    [PROTECTED_REFS]: refs.join(' '),
    GIT_PROJECT_ROOT: forge.repositories,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${repository.owner}/${repository.name}.git/${rest}`,
    REQUEST_METHOD: request.method,
    QUERY_STRING: request.url.split('?')[1] ?? '',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    ...optional('CONTENT_LENGTH', request.headers['content-length']),
    ...optional('HTTP_CONTENT_ENCODING', request.headers['content-encoding']),
    ...optional('GIT_PROTOCOL', request.headers['git-protocol']?.toString()),
    REMOTE_USER: viewer.login,
    REMOTE_ADDR: request.ip,
  };
}

function optional(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

function startBackend(request: FastifyRequest, env: Record<string, string>) {
  const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  // A client that goes away ends the input; git then gives up by itself and leaves the refs as they were.
  const input = request.method === 'POST' && request.body instanceof Readable ? request.body : Readable.from([]);
  pipeline(input, child.stdin).catch(() => child.stdin.destroy());
  return { output: child.stdout, ended, stop: () => void child.kill() };
}
