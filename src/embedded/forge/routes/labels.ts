import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApiError, validationFailed } from '../api-error.ts';
import { type Access, access } from '../authentication.ts';
import type { ForgeContext } from '../forge-context.ts';
import type { ForgeDatabase } from '../forge-database.ts';
import type { Row } from '../forge-tables.ts';
import { labelJson } from '../json/pull-json.ts';
import { paginate } from '../pagination.ts';
import { addPullEvent } from '../pull-events.ts';
import { findPull, pullState } from '../pull-records.ts';
import { parseInput } from '../request-input.ts';
import { numberPath } from './pulls.ts';

const newLabel = z.object({
  name: z.string().min(1).max(50),
  color: z
    .string()
    .regex(/^[0-9a-f]{6}$/i)
    .default('ededed'),
  description: z.string().nullable().default(null),
});
const labelNames = z.union([
  z.array(z.string().min(1)),
  z.object({ labels: z.array(z.string().min(1)) }).transform(({ labels }) => labels),
]);
const labelPath = numberPath.extend({ name: z.string() });

/** Labels of the repository, and of its pull requests. */
export function labelRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.get('/repos/:owner/:repo/labels', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const labels = await forge.database
      .selectFrom('labels')
      .selectAll()
      .where('repositoryId', '=', repository.id)
      .orderBy('name')
      .execute();
    return paginate(request, reply, forge.urls.root, labels).map((label) => labelJson(forge.urls, fullName, label));
  });

  api.post('/repos/:owner/:repo/labels', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'write');
    const wanted = parseInput(newLabel, request.body, 'Label');
    const label = await forge.database
      .insertInto('labels')
      .values({ repositoryId: repository.id, ...wanted })
      .onConflict((conflict) => conflict.columns(['repositoryId', 'name']).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!label) throw validationFailed({ resource: 'Label', field: 'name', code: 'already_exists' });
    return reply.code(201).send(labelJson(forge.urls, fullName, label));
  });

  api.get('/repos/:owner/:repo/issues/:number/labels', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const pull = await findPull(forge.database, repository, numberPath.parse(request.params).number);
    return paginate(request, reply, forge.urls.root, await labelsOf(forge.database, pull)).map((label) =>
      labelJson(forge.urls, fullName, label),
    );
  });

  api.post('/repos/:owner/:repo/issues/:number/labels', async (request) => {
    const granted = await access(forge, request, 'write');
    const pull = await findPull(forge.database, granted.repository, numberPath.parse(request.params).number);
    const present = new Set((await labelsOf(forge.database, pull)).map(({ name }) => name.toLowerCase()));
    const names = parseInput(labelNames, request.body, 'Label').filter((name) => !present.has(name.toLowerCase()));
    await forge.serial.run(String(granted.repository.id), () => addLabels(forge, granted, pull, names));
    return (await labelsOf(forge.database, pull)).map((label) => labelJson(forge.urls, granted.fullName, label));
  });

  api.delete('/repos/:owner/:repo/issues/:number/labels/:name', async (request) => {
    const granted = await access(forge, request, 'write');
    const { number, name } = labelPath.parse(request.params);
    const pull = await findPull(forge.database, granted.repository, number);
    await forge.serial.run(String(granted.repository.id), () => removeLabel(forge, granted, pull, name));
    return (await labelsOf(forge.database, pull)).map((label) => labelJson(forge.urls, granted.fullName, label));
  });
}

async function labelsOf(database: ForgeDatabase, pull: Row<'pulls'>): Promise<Row<'labels'>[]> {
  return await database
    .selectFrom('pullLabels')
    .innerJoin('labels', 'labels.id', 'pullLabels.labelId')
    .selectAll('labels')
    .where('pullId', '=', pull.id)
    .orderBy('labels.name')
    .execute();
}

async function addLabels(
  forge: ForgeContext,
  { repository, viewer, fullName }: Access,
  pull: Row<'pulls'>,
  names: string[],
): Promise<void> {
  const state = await pullState(forge, repository, pull);
  await forge.database.transaction().execute(async (transaction) => {
    for (const name of names) {
      const label = await transaction
        .insertInto('labels')
        .values({ repositoryId: repository.id, name, color: 'ededed', description: null })
        .onConflict((conflict) =>
          conflict.columns(['repositoryId', 'name']).doUpdateSet((eb) => ({ name: eb.ref('labels.name') })),
        )
        .returningAll()
        .executeTakeFirstOrThrow();
      await transaction
        .insertInto('pullLabels')
        .values({ pullId: pull.id, labelId: label.id })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const details = { label: labelJson(forge.urls, fullName, label) };
      await addPullEvent(forge, transaction, repository, { action: 'labeled', pull, state, sender: viewer, details });
    }
  });
  forge.outbox.wake();
}

async function removeLabel(
  forge: ForgeContext,
  { repository, viewer, fullName }: Access,
  pull: Row<'pulls'>,
  name: string,
): Promise<void> {
  const label = (await labelsOf(forge.database, pull)).find(
    (candidate) => candidate.name.toLowerCase() === name.toLowerCase(),
  );
  if (!label) throw new ApiError(404, 'Label does not exist');
  const state = await pullState(forge, repository, pull);
  await forge.database.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('pullLabels').where('pullId', '=', pull.id).where('labelId', '=', label.id).execute();
    const details = { label: labelJson(forge.urls, fullName, label) };
    await addPullEvent(forge, transaction, repository, { action: 'unlabeled', pull, state, sender: viewer, details });
  });
  forge.outbox.wake();
}
