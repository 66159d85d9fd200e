import { FairwayError, messageOf } from '../domain/errors.ts';
import type { Store } from '../ports/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { App } from './app.ts';

/** For load balancers and Prometheus; open, since they hold nothing that needs protection. */
export function healthRoutes(
  app: App,
  { store, metrics }: { store: Store; metrics: Pick<Metrics, 'print' | 'contentType'> },
): void {
  app.get('/livez', () => ({ status: 'alive' }));
  app.get('/readyz', async () => {
    try {
      await store.audit.list(1);
    } catch (error) {
      throw new FairwayError('unavailable', `the store does not answer: ${messageOf(error)}`, { cause: error });
    }
    return { status: 'ready' };
  });
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.print()));
}
