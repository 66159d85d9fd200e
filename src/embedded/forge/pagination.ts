import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseInput } from './request-input.ts';

const pageQuery = z.object({
  page: z.coerce.number().int().min(1).catch(1),
  per_page: z.coerce
    .number()
    .int()
    .min(1)
    .transform((wanted) => Math.min(wanted, 100))
    .catch(30),
});

/** The asked page of `items`; further pages are named in the Link header. */
export function paginate<Item>(request: FastifyRequest, reply: FastifyReply, origin: string, items: Item[]): Item[] {
  const { page, per_page: size } = parseInput(pageQuery, request.query, 'Page');
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (target: number, relation: string) => {
    const url = new URL(request.url, origin);
    url.searchParams.set('page', String(target));
    return `<${url}>; rel="${relation}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
  ];
  if (links.length > 0) reply.header('link', links.join(', '));
  return items.slice((page - 1) * size, page * size);
}
