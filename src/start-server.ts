import { fileURLToPath } from 'node:url';
import { tokenAuthentication, tokenSha256 } from './adapters/authentication/token-authentication.ts';
import { usersOfFile } from './adapters/authentication/users-file.ts';
import { createServer } from './api/server.ts';
import { FairwayError, messageOf } from './domain/errors.ts';
import type { Foundation } from './foundation.ts';
import { usualTimeLimits } from './http/time-limits.ts';
import { createCommands } from './rollout/create-commands.ts';
import { createReceiver } from './webhook/receiver.ts';

/** A checkout builds the pages beside its sources; in a published package they lie beside the built program. */
const uiDirectory = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../dist/ui' : './ui', import.meta.url));

/** Listens for webhooks, and serves the API and the pages. */
export async function startServer(foundation: Foundation): Promise<{ url: string; close(): Promise<void> }> {
  const { config, log, secrets, metrics, planning, world, outside } = foundation;
  const { store, dispatcher } = planning;
  const webhookSecrets = config.webhookSecrets.length > 0 ? config.webhookSecrets : [secrets.webhook];
  const administrator = {
    user: 'administrator',
    role: 'administrator' as const,
    tokenSha256: tokenSha256(secrets.apiToken),
  };
  const { usersFile } = config;
  const users = usersFile === undefined ? async () => [] : usersOfFile(usersFile, config.users, log);
  const server = createServer({
    store,
    artifacts: world.artifacts,
    dispatcher,
    authentication: tokenAuthentication(async () => [administrator, ...(await users())]),
    commands: createCommands(planning, outside),
    metrics,
    parts: [
      { part: 'store', need: 'always', ask: () => store.audit.list(1) },
      { part: 'queue', need: 'soon', ask: foundation.askQueue },
    ],
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    timeLimits: usualTimeLimits,
    uiDirectory,
    plugins: [createReceiver({ secrets: webhookSecrets, deliveries: store.deliveries, dispatcher, metrics })],
    log,
  });
  try {
    const url = await server.listen({ host: config.host, port: config.port });
    return { url, close: () => server.close() };
  } catch (error) {
    await server.close();
    const place = `${config.host}:${config.port}`;
    throw new FairwayError(
      'unavailable',
      `can't listen on ${place}: ${messageOf(error)}; FAIRWAY_LISTEN names another`,
    );
  }
}
