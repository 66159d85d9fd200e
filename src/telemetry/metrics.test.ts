import t from 'tap';
import { sampleRun, sampleStage, sampleStep } from '../api/testing/sample-run.ts';
import { createMetrics } from './metrics.ts';

t.test('runs, steps, deliveries and wake-ups are counted, each server for itself', async (t) => {
  const metrics = createMetrics();
  const stages = [
    sampleStage('render', 'succeeded', [sampleStep('render', 'succeeded'), sampleStep('diff', 'queued')]),
  ];
  metrics.runFinished(sampleRun('r1', { status: 'succeeded', stages }));
  metrics.delivery('new');
  metrics.wakeup('report', 'lost');
  const text = await metrics.print();
  t.match(text, 'fairway_runs_total{kind="pull-request",status="succeeded"} 1');
  t.match(text, 'fairway_step_seconds_sum{step="render",status="succeeded"} 65');
  t.notMatch(text, 'step="diff"', 'a step that never ran took no time');
  t.match(text, 'fairway_deliveries_total{outcome="new"} 1');
  t.match(text, 'fairway_wakeups_total{wake="report",outcome="lost"} 1');
  t.notMatch(await createMetrics().print(), 'outcome="new"');
});
