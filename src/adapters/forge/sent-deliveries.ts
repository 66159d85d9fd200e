import { FairwayError } from '../../domain/errors.ts';
import type { RepositoryName, SentDelivery } from '../../ports/forge.ts';
import { coordinates, type ForgeClient } from './forge-client.ts';

const right = 'webhooks: read';

export async function listSentDeliveries(
  client: ForgeClient,
  repository: RepositoryName,
  webhookUrl: string,
  since: number,
): Promise<SentDelivery[]> {
  const where = coordinates(repository);
  return await client.call(
    `read what was sent to ${webhookUrl} from ${repository}`,
    right,
    async ({ rest, paginate }) => {
      const hooks = await paginate(rest.repos.listWebhooks, { ...where, per_page: 100 });
      const hook = hooks.find(({ config }) => config.url === webhookUrl);
      if (!hook) return [];
      const found: SentDelivery[] = [];
      const pages = paginate.iterator(rest.repos.listWebhookDeliveries, { ...where, hook_id: hook.id, per_page: 100 });
      for await (const { data } of pages) {
        for (const { id, guid, event, delivered_at } of data) {
          const payload = () => readPayload(client, repository, hook.id, Number(id));
          found.push({ id: guid, event, sentAt: Date.parse(delivered_at), payload });
        }
        // Newest first.
        if ((found.at(-1)?.sentAt ?? 0) < since) break;
      }
      return found.filter(({ sentAt }) => sentAt >= since);
    },
  );
}

async function readPayload(
  client: ForgeClient,
  repository: RepositoryName,
  hookId: number,
  deliveryId: number,
): Promise<string> {
  return await client.call(`read delivery ${deliveryId} from ${repository}`, right, async ({ rest }) => {
    const place = { ...coordinates(repository), hook_id: hookId, delivery_id: deliveryId };
    const { payload } = (await rest.repos.getWebhookDelivery(place)).data.request;
    if (payload !== null && typeof payload === 'object') return JSON.stringify(payload);
    throw new FairwayError('missing', `the forge has no payload of delivery ${deliveryId} any more`);
  });
}
