import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { notFound } from '../api-error.ts';
import { access } from '../authentication.ts';
import { requestHeaders } from '../deliver-webhook.ts';
import type { ForgeContext } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import { parseInput } from '../request-input.ts';
import { findHook } from './hooks.ts';

const deliveryPath = z.object({ delivery: z.coerce.number().int() });
const listQuery = z.object({
  per_page: z.coerce.number().int().min(1).max(100).catch(30),
  /** The id of the last delivery of the page before. */
  cursor: z.coerce.number().int().optional(),
});

/** What was sent to a webhook and what it answered, and sending it again. */
export function deliveryRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.get('/repos/:owner/:repo/hooks/:hook/deliveries', async (request, reply) => {
    const { repository } = await access(forge, request, 'admin');
    const hook = await findHook(forge, repository, request.params);
    const { per_page: size, cursor } = parseInput(listQuery, request.query, 'HookDelivery');
    let query = forge.database
      .selectFrom('deliveries')
      .selectAll()
      .where('hookId', '=', hook.id)
      .where('deliveredAt', 'is not', null)
      .orderBy('id', 'desc');
    if (cursor !== undefined) query = query.where('id', '<', cursor);
    const deliveries = await query.limit(size + 1).execute();
    const page = deliveries.slice(0, size);
    const last = page.at(-1);
    if (last && deliveries.length > size) {
      const next = new URL(request.url, forge.urls.root);
      next.searchParams.set('cursor', String(last.id));
      reply.header('link', `<${next}>; rel="next"`);
    }
    return page.map((delivery) => deliveryJson(hook, delivery));
  });

  api.get('/repos/:owner/:repo/hooks/:hook/deliveries/:delivery', async (request) => {
    const { repository } = await access(forge, request, 'admin');
    const hook = await findHook(forge, repository, request.params);
    const delivery = await findDelivery(forge, hook, request.params);
    const headers: unknown = JSON.parse(delivery.responseHeaders ?? '{}');
    return {
      ...deliveryJson(hook, delivery),
      url: hook.url,
      request: { headers: requestHeaders(hook, delivery), payload: JSON.parse(delivery.payload) },
      response: { headers, payload: delivery.responseBody },
    };
  });

  api.post('/repos/:owner/:repo/hooks/:hook/deliveries/:delivery/attempts', async (request, reply) => {
    const { repository } = await access(forge, request, 'admin');
    const hook = await findHook(forge, repository, request.params);
    await forge.outbox.redeliver(await findDelivery(forge, hook, request.params));
    return reply.code(202).send({});
  });
}

async function findDelivery(forge: ForgeContext, hook: Row<'hooks'>, params: unknown): Promise<Row<'deliveries'>> {
  const { delivery: id } = deliveryPath.parse(params);
  const delivery = await forge.database
    .selectFrom('deliveries')
    .selectAll()
    .where('id', '=', id)
    .where('hookId', '=', hook.id)
    .executeTakeFirst();
  if (!delivery) throw notFound();
  return delivery;
}

function deliveryJson(hook: Row<'hooks'>, delivery: Row<'deliveries'>) {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery === 1,
    duration: delivery.seconds ?? 0,
    status: delivery.status ?? '',
    status_code: delivery.statusCode ?? 0,
    event: delivery.event,
    action: delivery.action,
    installation_id: null,
    repository_id: hook.repositoryId,
    throttled_at: null,
  };
}
