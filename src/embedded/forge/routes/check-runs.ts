import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { userById } from '../accounts.ts';
import { ApiError, notFound, validationFailed } from '../api-error.ts';
import { access } from '../authentication.ts';
import { type ForgeContext, gitOf, timestamp } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import { checkRunJson } from '../json/check-run-json.ts';
import { repositoryJson } from '../json/repository-json.ts';
import { userJson } from '../json/user-json.ts';
import { paginate } from '../pagination.ts';
import { openPulls } from '../pull-records.ts';
import { parseInput } from '../request-input.ts';
import { refPath } from './statuses.ts';

const LONGEST = 65_535;
const text = z.string().max(LONGEST, `exceeds a maximum bytesize of ${LONGEST}`);
const output = z.object({ title: z.string().optional(), summary: text.optional(), text: text.nullable().optional() });
const checkPath = z.object({ id: z.coerce.number().int() });
const checkChange = z.object({
  name: z.string().min(1).optional(),
  external_id: z.string().optional(),
  details_url: z.string().nullable().optional(),
  status: z.enum(['queued', 'in_progress', 'completed']).optional(),
  conclusion: z
    .enum(['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required'])
    .nullable()
    .optional(),
  started_at: z.string().optional(),
  completed_at: z.string().nullable().optional(),
  output: output.optional(),
});
const newCheck = checkChange.extend({ name: z.string().min(1), head_sha: z.string() });
const listQuery = z.object({
  check_name: z.string().optional(),
  status: z.string().optional(),
  filter: z.enum(['latest', 'all']).default('latest'),
});

/** Check runs: create, update, get, list of a commit, and asking for one again. */
export function checkRunRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.post('/repos/:owner/:repo/check-runs', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'write');
    const { head_sha: sha, ...change } = parseInput(newCheck, request.body, 'CheckRun');
    if (!(await gitOf(forge, repository).resolve(sha))) throw new ApiError(422, `No commit found for SHA: ${sha}`);
    const fresh = {
      ...NEW_CHECK,
      repositoryId: repository.id,
      sha,
      name: change.name,
      externalId: '',
      startedAt: timestamp(),
    };
    const { id: _unset, ...row } = changed({ id: 0, ...fresh }, change);
    const check = await forge.database.insertInto('checkRuns').values(row).returningAll().executeTakeFirstOrThrow();
    return reply.code(201).send(checkRunJson(forge.urls, fullName, check));
  });

  api.get('/repos/:owner/:repo/check-runs/:id', async (request) => {
    const { repository, fullName } = await access(forge, request, 'read');
    return checkRunJson(forge.urls, fullName, await findCheck(forge, repository, request.params));
  });

  api.patch('/repos/:owner/:repo/check-runs/:id', async (request) => {
    const { repository, fullName } = await access(forge, request, 'write');
    const before = await findCheck(forge, repository, request.params);
    const check = changed(before, parseInput(checkChange, request.body, 'CheckRun'));
    await forge.database.updateTable('checkRuns').set(check).where('id', '=', check.id).execute();
    return checkRunJson(forge.urls, fullName, check);
  });

  api.get('/repos/:owner/:repo/commits/:ref/check-runs', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const sha = await gitOf(forge, repository).resolve(refPath.parse(request.params).ref);
    if (!sha) throw notFound();
    const checks = await listChecks(forge, repository, sha, parseInput(listQuery, request.query, 'CheckRun'));
    const page = paginate(request, reply, forge.urls.root, checks);
    return { total_count: checks.length, check_runs: page.map((check) => checkRunJson(forge.urls, fullName, check)) };
  });

  api.post('/repos/:owner/:repo/check-runs/:id/rerequest', async (request, reply) => {
    const { repository, viewer } = await access(forge, request, 'write');
    const check = await findCheck(forge, repository, request.params);
    await announceRerequest(forge, repository, check, viewer);
    return reply.code(201).send({});
  });
}

const NEW_CHECK = {
  status: 'queued',
  conclusion: null,
  detailsUrl: null,
  title: null,
  summary: null,
  text: null,
  completedAt: null,
} as const;

async function findCheck(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  params: unknown,
): Promise<Row<'checkRuns'>> {
  const { id } = checkPath.parse(params);
  const check = await forge.database
    .selectFrom('checkRuns')
    .selectAll()
    .where('id', '=', id)
    .where('repositoryId', '=', repository.id)
    .executeTakeFirst();
  if (!check) throw notFound();
  return check;
}

function changed(before: Row<'checkRuns'>, change: z.output<typeof checkChange>): Row<'checkRuns'> {
  // A conclusion says by itself that the check is completed.
  const status = change.conclusion ? 'completed' : (change.status ?? before.status);
  const conclusion = status === 'completed' ? (change.conclusion ?? before.conclusion) : null;
  if (status === 'completed' && conclusion === null)
    throw validationFailed({ resource: 'CheckRun', field: 'conclusion', code: 'missing_field' });
  return {
    ...before,
    status,
    conclusion,
    name: change.name ?? before.name,
    externalId: change.external_id ?? before.externalId,
    detailsUrl: change.details_url ?? before.detailsUrl,
    startedAt: change.started_at ?? before.startedAt,
    completedAt: status === 'completed' ? (change.completed_at ?? before.completedAt ?? timestamp()) : null,
    title: change.output?.title ?? before.title,
    summary: change.output?.summary ?? before.summary,
    text: change.output?.text ?? before.text,
  };
}

async function listChecks(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  sha: string,
  query: z.output<typeof listQuery>,
): Promise<Row<'checkRuns'>[]> {
  let checks = forge.database
    .selectFrom('checkRuns')
    .selectAll()
    .where('repositoryId', '=', repository.id)
    .where('sha', '=', sha)
    .orderBy('id', 'desc');
  if (query.check_name !== undefined) checks = checks.where('name', '=', query.check_name);
  const found = await checks.execute();
  const latest = found.filter((check, index) => found.findIndex(({ name }) => name === check.name) === index);
  return (query.filter === 'all' ? found : latest).filter(
    ({ status }) => query.status === undefined || status === query.status,
  );
}

async function announceRerequest(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  check: Row<'checkRuns'>,
  viewer: Row<'users'>,
): Promise<void> {
  const owner = await userById(forge.database, repository.ownerId);
  const described = repositoryJson(forge.urls, repository, owner);
  const pulls = (await openPulls(forge.database, repository.id)).filter((pull) => pull.headSha === check.sha);
  const fullName = described.full_name ?? '';
  await forge.outbox.add(forge.database, repository.id, {
    event: 'check_run',
    action: 'rerequested',
    payload: {
      action: 'rerequested',
      check_run: {
        ...checkRunJson(forge.urls, fullName, check),
        pull_requests: pulls.map((pull) => ({
          id: pull.id,
          number: pull.number,
          url: forge.urls.pull(fullName, pull.number),
          head: {
            ref: pull.headRef,
            sha: pull.headSha,
            repo: { id: repository.id, name: repository.name, url: described.url },
          },
          base: {
            ref: pull.baseRef,
            sha: pull.baseSha,
            repo: { id: repository.id, name: repository.name, url: described.url },
          },
        })),
      },
      repository: described,
      sender: userJson(forge.urls, viewer),
    },
  });
  forge.outbox.wake();
}
