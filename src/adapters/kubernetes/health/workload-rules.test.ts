import { allOf, condition, counted, type Fields, JUST_NOW, LONG_AGO, table } from './rules.test-fixture.ts';

table('apps/v1', 'Deployment', [
  ['all available', counted(allOf), 'ready', '3 of 3 replicas ready'],
  [
    'the controller is behind',
    { spec: { replicas: 3 }, status: { observedGeneration: 1, ...allOf } },
    'progressing',
    'its controller has not seen the change yet',
  ],
  ['no status at all', { spec: {} }, 'progressing', 'its controller has not seen the change yet'],
  [
    'some are new',
    counted({ ...allOf, updatedReplicas: 1 }),
    'progressing',
    '1 of 3 replicas ready; 1 are of the new revision',
  ],
  [
    'old ones still run',
    counted({ ...allOf, replicas: 4 }),
    'progressing',
    '3 of 3 replicas ready; 1 of an old revision still run',
  ],
  ['new ones are not available', counted({ ...allOf, availableReplicas: 2 }), 'progressing', '2 of 3 replicas ready'],
  [
    'out of time',
    counted({
      ...allOf,
      availableReplicas: 0,
      conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')],
    }),
    'failed',
    '0 of 3 replicas ready; no progress within its progressDeadlineSeconds',
  ],
  [
    'a quota has just refused its pods',
    counted({ conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota: q', JUST_NOW)] }),
    'progressing',
    '0 of 3 replicas ready; no pod can be created: exceeded quota: q',
  ],
  [
    'a quota keeps refusing its pods',
    counted({ conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota: q')] }),
    'failed',
    '0 of 3 replicas ready; no pod can be created: exceeded quota: q',
  ],
  [
    'paused half-way',
    {
      spec: { replicas: 2, paused: true },
      status: { observedGeneration: 2, updatedReplicas: 0, availableReplicas: 2 },
    },
    'progressing',
    '0 of 2 replicas ready; its rollout is paused',
  ],
  ['scaled to nothing', { spec: { replicas: 0 }, status: { observedGeneration: 2 } }, 'ready', '0 of 0 replicas ready'],
]);

const revisions = (currentRevision: string, updateRevision: string) => ({ currentRevision, updateRevision });
const strategy = (updateStrategy: Fields, status: Fields) => ({
  spec: { replicas: 3, updateStrategy },
  status: { observedGeneration: 2, ...allOf, ...status },
});

table('apps/v1', 'StatefulSet', [
  ['all new', counted({ ...allOf, ...revisions('b', 'b') }), 'ready', '3 of 3 replicas ready'],
  ['one is missing', counted({ ...allOf, readyReplicas: 2 }), 'progressing', '2 of 3 replicas ready'],
  [
    'still replacing',
    strategy({ type: 'RollingUpdate' }, { updatedReplicas: 1, ...revisions('a', 'b') }),
    'progressing',
    '3 of 3 replicas ready; 1 of 3 are of the new revision',
  ],
  [
    'a partition keeps two back',
    strategy({ rollingUpdate: { partition: 2 } }, { updatedReplicas: 1, ...revisions('a', 'b') }),
    'ready',
    '3 of 3 replicas ready',
  ],
  [
    'OnDelete waits for nobody',
    strategy({ type: 'OnDelete' }, { updatedReplicas: 0, ...revisions('a', 'b') }),
    'ready',
    /old ones are replaced when they are deleted/,
  ],
]);

const scheduled = (status: Fields, type = 'RollingUpdate') => ({
  spec: { updateStrategy: { type } },
  status: { observedGeneration: 2, desiredNumberScheduled: 2, ...status },
});

table('apps/v1', 'DaemonSet', [
  ['on every node', scheduled({ updatedNumberScheduled: 2, numberAvailable: 2 }), 'ready', '2 of 2 pods ready'],
  [
    'one node is behind',
    scheduled({ updatedNumberScheduled: 1, numberAvailable: 2 }),
    'progressing',
    '2 of 2 pods ready; 1 are of the new revision',
  ],
  ['OnDelete', scheduled({ updatedNumberScheduled: 0, numberAvailable: 2 }, 'OnDelete'), 'ready', '2 of 2 pods ready'],
  ['not available', scheduled({ updatedNumberScheduled: 2, numberAvailable: 0 }), 'progressing', '0 of 2 pods ready'],
]);

table('apps/v1', 'ReplicaSet', [
  ['all available', counted(allOf), 'ready', '3 of 3 replicas ready'],
  ['none available', counted({}), 'progressing', '0 of 3 replicas ready'],
]);

table('batch/v1', 'Job', [
  ['running', { status: { active: 1 } }, 'progressing', 'has not completed: 1 pods active, 0 succeeded'],
  ['completed', { status: { conditions: [condition('Complete', 'True')] } }, 'ready', 'completed'],
  [
    'failed',
    { status: { conditions: [condition('Failed', 'True', 'BackoffLimitExceeded', 'Job has reached its limit')] } },
    'failed',
    'failed: BackoffLimitExceeded: Job has reached its limit',
  ],
  ['suspended', { spec: { suspend: true } }, 'ready', 'is suspended'],
]);
table('batch/v1', 'CronJob', [['any', { status: { lastScheduleTime: LONG_AGO } }, 'ready', 'exists']]);

const pod = (containerStatuses: Fields[], since = LONG_AGO, status: Fields = {}) => ({
  status: {
    phase: 'Pending',
    conditions: [condition('PodScheduled', 'True', '', '', since), condition('Initialized', 'True', '', '', since)],
    containerStatuses,
    ...status,
  },
});
const waiting = (reason: string, message: string, more: Fields = {}) => ({
  name: 'app',
  state: { waiting: { reason, message } },
  ...more,
});
const crashed = (restartCount: number, end: Fields = { exitCode: 1, reason: 'Error' }) =>
  waiting('CrashLoopBackOff', 'back-off 40s', { restartCount, lastState: { terminated: end } });

table('v1', 'Pod', [
  ['ready', pod([], LONG_AGO, { conditions: [condition('Ready', 'True')] }), 'ready', 'ready'],
  ['completed', { status: { phase: 'Succeeded' } }, 'ready', 'completed'],
  [
    'evicted',
    { status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' } },
    'failed',
    'Evicted: low on memory',
  ],
  [
    'failed for good',
    {
      status: {
        phase: 'Failed',
        containerStatuses: [{ name: 'app', state: { terminated: { exitCode: 3, reason: 'Error' } } }],
      },
    },
    'failed',
    'container app: exited with code 3',
  ],
  [
    'finds no node',
    { status: { conditions: [condition('PodScheduled', 'False', 'Unschedulable', '0/2 nodes: insufficient cpu')] } },
    'progressing',
    'cannot be scheduled: 0/2 nodes: insufficient cpu',
  ],
  ['starts', pod([waiting('ContainerCreating', '')]), 'progressing', 'container app: ContainerCreating'],
  [
    'an image that may still be pushed',
    pod([waiting('ErrImagePull', 'web:2: not found')], JUST_NOW),
    'progressing',
    'container app: ErrImagePull: web:2: not found',
  ],
  [
    'an image that does not come',
    pod([waiting('ImagePullBackOff', 'Back-off pulling image "web:2"')]),
    'failed',
    'container app: ImagePullBackOff: Back-off pulling image "web:2"',
  ],
  [
    'an image whose name is none, at once',
    pod([waiting('InvalidImageName', 'couldn\'t parse image name "WEB"')], JUST_NOW),
    'failed',
    'container app: InvalidImageName: couldn\'t parse image name "WEB"',
  ],
  [
    'a Secret that is missing',
    pod([waiting('CreateContainerConfigError', 'secret "db" not found')]),
    'failed',
    'container app: CreateContainerConfigError: secret "db" not found',
  ],
  ['first crash', pod([crashed(1)]), 'progressing', 'container app: CrashLoopBackOff: exited with code 1, 1 restarts'],
  ['crashes on', pod([crashed(3)]), 'failed', 'container app: CrashLoopBackOff: exited with code 1, 3 restarts'],
  [
    'out of memory',
    pod([crashed(4, { exitCode: 137, reason: 'OOMKilled' })]),
    'failed',
    'container app: CrashLoopBackOff: OOMKilled, exited with code 137, 4 restarts',
  ],
  [
    'an init container crashes',
    pod([waiting('PodInitializing', '')], LONG_AGO, { initContainerStatuses: [{ ...crashed(3), name: 'prepare' }] }),
    'failed',
    'container prepare: CrashLoopBackOff: exited with code 1, 3 restarts',
  ],
  [
    'an init container that is done is no trouble',
    pod([{ name: 'app', state: { running: {} } }], LONG_AGO, {
      phase: 'Running',
      initContainerStatuses: [
        { name: 'prepare', ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
      ],
    }),
    'progressing',
    'container app: running, not ready',
  ],
]);
