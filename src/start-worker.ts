import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Foundation } from './foundation.ts';
import { Parts } from './parts.ts';
import { startConsumer } from './queue/consumer.ts';
import { reportRun } from './report/reporter.ts';
import { advanceRun, type RunEngine } from './rollout/advance-run.ts';
import { concludeRun } from './rollout/conclude-run.ts';
import { handleDelivery } from './rollout/handle-delivery.ts';
import { startMaintenance } from './rollout/maintenance.ts';
import { steps } from './steps/registry.ts';
import { intentOf } from './webhook/intents.ts';

export interface WorkerOptions {
  /** Where people see runs: reports link there. */
  publicUrl: string;
}

/** Handles deliveries, advances runs, reports, and looks after what was lost or left. As many as wanted share one store. */
export async function startWorker(
  foundation: Foundation,
  { publicUrl }: WorkerOptions,
): Promise<{ close(): Promise<void> }> {
  const { config, log, metrics, world, planning, forge, outside } = foundation;
  const { store, dispatcher } = planning;
  const worker = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const engine: RunEngine = {
    store,
    steps,
    world,
    dispatcher,
    worker,
    leaseTime: config.leaseTime,
    async conclude(run) {
      await concludeRun(planning, run, outside());
      metrics.runFinished(run);
      log.info({ run: run.id, status: run.status }, `${run.kind} ended: ${run.reason.split('\n')[0] || run.status}`);
    },
  };
  const runUrl = (id: string): string => `${publicUrl}/runs/${id}`;
  const reporting = { runs: store.runs, reports: store.reports, artifacts: world.artifacts, forge, runUrl };
  const handlers = {
    run: (id: string) => advanceRun(engine, id),
    delivery: (id: string) => handleDelivery(planning, id, intentOf, outside()),
    report: async (id: string) => {
      if ((await reportRun(reporting, id)) === 'busy') await dispatcher.wake({ wake: 'report', id }, 500);
    },
  };
  const parts = new Parts();
  try {
    const consumer = startConsumer({ redis: foundation.redis, log, metrics, concurrency: 8, handlers });
    await parts.add(consumer, (consumer) => consumer.close());
    const watched = { repository: config.repository, webhookUrl: `${publicUrl}/webhooks/github` };
    const maintenance = startMaintenance({ planning, world, watched, catchUpEvery: config.catchUpEvery, log, outside });
    await parts.add(maintenance, (maintenance) => maintenance.stop());
    return { close: () => parts.close() };
  } catch (error) {
    await parts.close();
    throw error;
  }
}
