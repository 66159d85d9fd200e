import { FairwayError } from '../domain/errors.ts';
import type { WatchedPart } from '../ports/health.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { App } from './app.ts';
import { PartWatch } from './part-watch.ts';

/** For load balancers and Prometheus; open, since they hold nothing that needs protection. */
export function healthRoutes(
  app: App,
  { parts, metrics }: { parts: readonly WatchedPart[]; metrics: Pick<Metrics, 'print' | 'contentType'> },
): void {
  const watch = new PartWatch(parts);
  app.addHook('onClose', async () => watch.end());
  app.get('/livez', () => ({ status: 'alive' }));
  // Without the queue webhooks are taken all the same, and a load balancer that kept them away would lose them.
  app.get('/readyz', async () => {
    const states = await watch.look();
    for (const state of states)
      if (state.state === 'away' && state.need === 'always')
        throw new FairwayError(
          'unavailable',
          `the ${state.part} does not answer: ${state.why} (away since ${state.since.toISOString()})`,
        );
    return { status: 'ready', parts: states.map(({ need: _, ...state }) => state) };
  });
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.print()));
}
