import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { createArtifactFolder } from '../src/adapters/artifacts/artifact-folder.ts';
import { openStore } from '../src/adapters/store/store.ts';
import { createServer } from '../src/api/server.ts';
import { usualTimeLimits } from '../src/http/time-limits.ts';
import { connectDispatcher } from '../src/queue/dispatcher.ts';
import { createLog } from '../src/telemetry/log.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { createReceiver } from '../src/webhook/receiver.ts';

// Fairway's server in a process of its own, as in production, so that the load's own work isn't counted as its. It tells its
// address, and ends when it is told anything.
const settings = z
  .object({ storeUrl: z.string(), directory: z.string(), secret: z.string(), path: z.string(), password: z.string() })
  .parse(JSON.parse(process.argv[2] ?? ''));

const log = createLog({ level: 'silent' });
const metrics = createMetrics();
const store = await openStore(settings.storeUrl);
const { path, password } = settings;
const { dispatcher, close } = connectDispatcher({ redis: { path, password }, log, metrics });
const refused = { outcome: 'refused', reason: 'this server only receives' } as const;
const server = createServer({
  store,
  artifacts: createArtifactFolder(join(settings.directory, 'artifacts')),
  dispatcher,
  authentication: { byToken: async () => undefined, byCredential: async () => undefined },
  commands: {
    retry: async () => refused,
    rollOut: async () => refused,
    rollOutUnproven: async () => refused,
    rollBack: async () => refused,
  },
  metrics,
  parts: [],
  publicUrl: undefined,
  trustedProxies: [],
  timeLimits: usualTimeLimits,
  uiDirectory: undefined,
  plugins: [createReceiver({ secrets: [settings.secret], deliveries: store.deliveries, dispatcher, metrics })],
  log,
});
process.send?.(await server.listen({ host: '127.0.0.1', port: 0 }));
await once(process, 'message');
await server.close();
await close();
await store.close();
process.disconnect();
