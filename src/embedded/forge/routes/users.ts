import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { notFound } from '../api-error.ts';
import { authenticate } from '../authentication.ts';
import type { ForgeContext } from '../forge-context.ts';
import { userJson } from '../json/user-json.ts';

const userPath = z.object({ login: z.string() });
const UNLIMITED = 1_000_000;

/** Who the token belongs to, who others are, and the rate limit that there is none of. */
export function userRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.get('/user', async (request) => userJson(forge.urls, await authenticate(forge, request)));

  api.get('/users/:login', async (request) => {
    await authenticate(forge, request);
    const { login } = userPath.parse(request.params);
    const user = await forge.database.selectFrom('users').selectAll().where('login', '=', login).executeTakeFirst();
    if (!user) throw notFound();
    return userJson(forge.urls, user);
  });

  api.get('/rate_limit', async () => {
    const rate = { limit: UNLIMITED, remaining: UNLIMITED, used: 0, reset: Math.floor(Date.now() / 1000) + 3600 };
    return { resources: { core: rate, search: rate }, rate };
  });
}
