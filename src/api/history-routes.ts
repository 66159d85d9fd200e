import { z } from 'zod';
import type { Store } from '../ports/store.ts';
import type { App } from './app.ts';
import { wholeNumber } from './whole-number.ts';

const tags = ['history'];
const querystring = z.object({ limit: wholeNumber(z.int32().min(1).max(1_000)).default(100) });
const delivery = z.object({
  id: z.string(),
  event: z.string(),
  receivedAt: z.number(),
  finishedAt: z.number().optional(),
  result: z.string().optional().describe('what became of it, in words'),
});
const entry = z.object({
  at: z.number(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.string(),
});

/** What came in and what was changed, newest first. */
export function historyRoutes(app: App, { deliveries, audit }: Pick<Store, 'deliveries' | 'audit'>): void {
  const received = { tags, summary: 'Webhook deliveries, without their payloads', querystring };
  const changes = { tags, summary: 'Who changed or decided what', querystring };
  app.get(
    '/deliveries',
    { schema: { ...received, response: { 200: z.object({ items: z.array(delivery) }) } } },
    async ({ query }) => ({ items: z.array(delivery).parse(await deliveries.recent(query.limit)) }),
  );
  app.get(
    '/audit',
    { schema: { ...changes, response: { 200: z.object({ items: z.array(entry) }) } } },
    async ({ query }) => ({ items: await audit.list(query.limit) }),
  );
}
