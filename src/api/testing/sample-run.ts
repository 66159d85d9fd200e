import { channel } from '../../domain/channel.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Run, StageRecord, Status, StepRecord } from '../../domain/run.ts';

/** A run of a pull request in full flight, for tests of what shows runs. */
export function sampleRun(id: string, change: Partial<Run> = {}): Run {
  const createdAt = Date.UTC(2026, 4, 1, 12);
  return {
    id,
    kind: 'pull-request',
    repository: 'acme/config',
    channel: 'dev',
    pullRequest: 7,
    baseSha: 'b'.repeat(40),
    baseTree: 'a'.repeat(40),
    headSha: 'c'.repeat(40),
    tree: 'd'.repeat(40),
    evidenceKey: `${id}-key`,
    status: 'running',
    reason: '',
    reusedFrom: undefined,
    requestedBy: 'jane',
    createdAt,
    startedAt: createdAt,
    finishedAt: undefined,
    cancelReason: undefined,
    wakeAt: createdAt,
    policy: channel.parse({ channel: 'dev', branch: 'dev' }),
    stages: [
      sampleStage('render', 'succeeded', [sampleStep('render', 'succeeded'), sampleStep('diff', 'succeeded')]),
      sampleStage('conformance', 'running', [
        { ...sampleStep('conformance', 'running'), progress: '12 of 25 specs', memo: { pid: 4711 } },
      ]),
      { ...sampleStage('teardown', 'queued', [sampleStep('delete-cluster', 'queued')]), always: true },
    ],
    ...change,
  };
}

export function sampleStage(name: string, status: Status, steps: StepRecord[]): StageRecord {
  const startedAt = status === 'queued' ? undefined : Date.UTC(2026, 4, 1, 12, 1);
  const place = {
    after: [],
    following: [],
    cluster: undefined,
    wave: undefined,
    atOnce: undefined,
    timeout: undefined,
  };
  return { name, ...place, always: false, status, reason: '', startedAt, finishedAt: steps.at(-1)?.finishedAt, steps };
}

export function sampleStep(kind: string, status: Status, output: JsonObject | null = null): StepRecord {
  const startedAt = status === 'queued' ? undefined : Date.UTC(2026, 4, 1, 12, 1);
  const finishedAt = status === 'succeeded' || status === 'failed' ? Date.UTC(2026, 4, 1, 12, 2, 5) : undefined;
  const fresh = { with: {}, attempts: 0, retryAt: undefined, progress: '', reason: '', memo: null };
  return { kind, ...fresh, status, startedAt, finishedAt, output };
}
