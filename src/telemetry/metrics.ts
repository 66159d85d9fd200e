import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Run } from '../domain/run.ts';
import type { Wakeup } from '../ports/dispatcher.ts';

/** What is measured; `/metrics` prints it. */
export interface Metrics {
  delivery(outcome: 'new' | 'duplicate' | 'refused'): void;
  wakeup(wake: Wakeup['wake'], outcome: 'sent' | 'lost' | 'handled' | 'failed'): void;
  /** To be called once per run, when it is final. */
  runFinished(run: Run): void;
  readonly contentType: string;
  /** In the text format of Prometheus. */
  print(): Promise<string>;
}

/** From a quick render to a full conformance run. */
const stepBuckets = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1200, 3600, 7200];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const deliveries = new Counter({
    name: 'fairway_deliveries_total',
    help: 'Webhook deliveries, by what became of them at the door',
    labelNames: ['outcome'],
    registers,
  });
  const wakeups = new Counter({
    name: 'fairway_wakeups_total',
    help: 'Wake-ups through the queue',
    labelNames: ['wake', 'outcome'],
    registers,
  });
  const runs = new Counter({
    name: 'fairway_runs_total',
    help: 'Runs that ended',
    labelNames: ['kind', 'status'],
    registers,
  });
  const steps = new Histogram({
    name: 'fairway_step_seconds',
    help: 'Time from the first call of a step to its end',
    labelNames: ['step', 'status'],
    buckets: stepBuckets,
    registers,
  });
  return {
    delivery: (outcome) => deliveries.inc({ outcome }),
    wakeup: (wake, outcome) => wakeups.inc({ wake, outcome }),
    runFinished(run) {
      runs.inc({ kind: run.kind, status: run.status });
      for (const { kind, status, startedAt, finishedAt } of run.stages.flatMap(({ steps }) => steps)) {
        if (startedAt === undefined || finishedAt === undefined) continue;
        steps.observe({ step: kind, status }, (finishedAt - startedAt) / 1000);
      }
    },
    contentType: registry.contentType,
    print: () => registry.metrics(),
  };
}
