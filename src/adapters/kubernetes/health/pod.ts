import { z } from 'zod';
import { isBeingDeleted, type LiveObject } from '../live-object.ts';
import { conditionList, conditionOf, sentenceOf } from './conditions.ts';
import { failed, type HealthRule, lasts, progressing, ready, type Verdict } from './verdict.ts';

/** Three crashes take about half a minute: long enough for an application that waits for its database by crashing. */
const CRASHES_UNTIL_FAILED = 3;

const terminated = z.object({
  exitCode: z.number().default(0),
  signal: z.number().optional(),
  reason: z.string().default(''),
  message: z.string().default(''),
});

const containerStatuses = z
  .array(
    z.object({
      name: z.string(),
      ready: z.boolean().default(false),
      restartCount: z.number().default(0),
      state: z
        .object({
          waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).nullish(),
          running: z.looseObject({}).nullish(),
          terminated: terminated.nullish(),
        })
        .prefault({}),
      lastState: z.object({ terminated: terminated.nullish() }).prefault({}),
    }),
  )
  .default([]);

type ContainerStatus = z.infer<typeof containerStatuses>[number];

const podFields = z.object({
  status: z
    .object({
      phase: z.string().default('Pending'),
      reason: z.string().default(''),
      message: z.string().default(''),
      conditions: conditionList,
      initContainerStatuses: containerStatuses,
      containerStatuses,
    })
    .prefault({}),
});

type PodStatus = z.infer<typeof podFields>['status'];

/** A pod's verdict, and the container whose log tells more. */
export interface PodVerdict extends Verdict {
  container?: string;
}

export const podHealth: HealthRule = (pod, now) => {
  const { health, reason } = judgePod(pod, now);
  return { health, reason };
};

export function judgePod(pod: LiveObject, now: Date): PodVerdict {
  const { status } = podFields.parse(pod);
  if (status.phase === 'Succeeded') return ready('completed');
  if (status.phase === 'Failed') return failedPod(status);
  if (isBeingDeleted(pod)) return progressing('is being deleted');
  if (conditionOf(status.conditions, 'Ready')?.status === 'True') return ready('ready');
  const scheduled = conditionOf(status.conditions, 'PodScheduled');
  if (scheduled?.status === 'False') return progressing(`cannot be scheduled: ${scheduled.message}`);
  const trouble = troubledContainer(status, now);
  if (trouble !== undefined) return trouble;
  const waiting = [...status.initContainerStatuses, ...status.containerStatuses].find((one) => !one.ready);
  if (waiting === undefined) return progressing('is starting');
  const state = waiting.state.running == null ? waiting.state.waiting?.reason || 'not started' : 'running, not ready';
  return { ...progressing(`container ${waiting.name}: ${state}`), container: waiting.name };
}

function failedPod(status: PodStatus): PodVerdict {
  const culprit = [...status.initContainerStatuses, ...status.containerStatuses].find(
    ({ state }) => state.terminated != null && state.terminated.exitCode !== 0,
  );
  if (culprit?.state.terminated == null) return failed(sentenceOf(status) || 'failed');
  return { ...failed(`container ${culprit.name}: ${endOf(culprit.state.terminated)}`), container: culprit.name };
}

function troubledContainer(status: PodStatus, now: Date): PodVerdict | undefined {
  const { initContainerStatuses, containerStatuses: mainContainerStatuses } = status;
  const scheduledAt = conditionOf(status.conditions, 'PodScheduled')?.lastTransitionTime;
  const initialized = conditionOf(status.conditions, 'Initialized');
  const initializedAt = initialized?.status === 'True' ? initialized.lastTransitionTime : undefined;
  const verdicts = [
    ...initContainerStatuses.map((container) => judgeContainer(container, scheduledAt, now)),
    ...mainContainerStatuses.map((container) => judgeContainer(container, initializedAt ?? scheduledAt, now)),
  ].filter((verdict) => verdict !== undefined);
  return verdicts.find(({ health }) => health === 'failed') ?? verdicts[0];
}

/** `since` is when the container could start. */
function judgeContainer(
  container: ContainerStatus,
  since: string | null | undefined,
  now: Date,
): PodVerdict | undefined {
  const { name, restartCount, state, lastState } = container;
  const crash = state.terminated ?? lastState.terminated;
  const waiting = state.waiting;
  if (waiting?.reason === 'CrashLoopBackOff' || (crash != null && crash.exitCode !== 0 && state.running == null)) {
    const end = crash == null ? (waiting?.message ?? '') : endOf(crash);
    const word = waiting?.reason || 'crashed';
    const reason = `container ${name}: ${word}: ${end}, ${restartCount} restarts`;
    return { ...(restartCount >= CRASHES_UNTIL_FAILED ? failed(reason) : progressing(reason)), container: name };
  }
  if (waiting == null) return undefined;
  const reason = `container ${name}: ${sentenceOf(waiting)}`;
  if (HOPELESS.has(waiting.reason)) return failed(reason);
  if (!PATIENT.has(waiting.reason)) return undefined;
  return lasts(since, now) ? failed(reason) : progressing(reason);
}

/** Cannot mend without a change to the object. */
const HOPELESS = new Set(['InvalidImageName', 'ErrImageNeverPull']);

/** May mend: an image that is pushed late, a Secret that an operator makes. */
const PATIENT = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'RegistryUnavailable',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

function endOf({ exitCode, signal, reason, message }: z.infer<typeof terminated>): string {
  const how = signal === undefined ? `exited with code ${exitCode}` : `ended by signal ${signal}`;
  const why = reason === '' || reason === 'Error' ? how : `${reason}, ${how}`;
  return message === '' ? why : `${why}: ${message.trim()}`;
}
