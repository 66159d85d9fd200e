import t from 'tap';
import { allOf, condition, counted, health, JUST_NOW, table } from './rules.test-fixture.ts';

table('apiextensions.k8s.io/v1', 'CustomResourceDefinition', [
  ['established', { status: { conditions: [condition('Established', 'True')] } }, 'ready', 'established'],
  [
    'new, with the null that the API server writes',
    { status: { conditions: null } },
    'progressing',
    'is not established yet',
  ],
  [
    'its names are taken',
    {
      status: {
        conditions: [condition('NamesAccepted', 'False', 'ListKindConflict', '"WidgetList" is already in use')],
      },
    },
    'failed',
    'its names are refused: "WidgetList" is already in use',
  ],
]);
table('apiregistration.k8s.io/v1', 'APIService', [
  ['available', { status: { conditions: [condition('Available', 'True')] } }, 'ready', 'available'],
  [
    'its service is missing',
    { status: { conditions: [condition('Available', 'False', 'ServiceNotFound', 'service/x is not present')] } },
    'progressing',
    'is not available: ServiceNotFound: service/x is not present',
  ],
]);
table('v1', 'PersistentVolumeClaim', [
  ['bound', { status: { phase: 'Bound' } }, 'ready', 'bound'],
  ['pending', { status: { phase: 'Pending' } }, 'progressing', 'is not bound to a volume yet'],
  ['lost', { status: { phase: 'Lost' } }, 'failed', 'lost its PersistentVolume'],
]);
table('v1', 'Namespace', [
  ['active', { status: { phase: 'Active' } }, 'ready', 'active'],
  ['terminating', { status: { phase: 'Terminating' } }, 'progressing', 'is Terminating'],
]);
table('v1', 'Service', [
  ['in the cluster', { spec: { type: 'ClusterIP' } }, 'ready', 'exists'],
  ['load balancer pending', { spec: { type: 'LoadBalancer' } }, 'progressing', 'waits for its load balancer'],
  [
    'load balancer there',
    { spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } } },
    'ready',
    'has a load balancer',
  ],
]);
table('networking.k8s.io/v1', 'Ingress', [
  ['no controller', { status: { loadBalancer: {} } }, 'ready', 'exists, without an address so far'],
]);
table('autoscaling/v2', 'HorizontalPodAutoscaler', [
  ['new', { status: { conditions: null } }, 'ready', 'exists'],
  [
    'no metrics',
    { status: { conditions: [condition('ScalingActive', 'False', 'FailedGetResourceMetric', 'no metrics API')] } },
    'ready',
    'exists; does not scale yet: FailedGetResourceMetric: no metrics API',
  ],
  [
    'no target',
    { status: { conditions: [condition('AbleToScale', 'False', 'FailedGetScale', 'deployments.apps "x" not found')] } },
    'progressing',
    'is not able to scale: FailedGetScale: deployments.apps "x" not found',
  ],
]);
table('policy/v1', 'PodDisruptionBudget', [
  ['no pods', { status: { observedGeneration: 2 } }, 'ready', 'selects no pods'],
  [
    'one pod short',
    { status: { observedGeneration: 2, expectedPods: 2, currentHealthy: 1, desiredHealthy: 2 } },
    'progressing',
    '1 of at least 2 pods healthy',
  ],
]);
table('example.org/v1', 'Widget', [
  ['follows no convention', { status: { color: 'red' } }, 'ready', 'exists'],
  ['uses the words for something else', { status: { conditions: 'sunny' } }, 'ready', 'exists'],
  ['behind', { status: { observedGeneration: 1 } }, 'progressing', 'its controller has not seen the change yet'],
  ['ready', { status: { conditions: [condition('Ready', 'True')] } }, 'ready', 'ready'],
  [
    'not ready',
    { status: { conditions: [condition('Ready', 'False', 'NoDatabase', 'cannot connect')] } },
    'progressing',
    'is not ready: NoDatabase: cannot connect',
  ],
  [
    'stalled',
    { status: { conditions: [condition('Stalled', 'True', 'BadSpec', 'no')] } },
    'failed',
    'is stalled: BadSpec: no',
  ],
]);

t.test('what is being deleted is not ready, whatever its status says', async (t) => {
  const deletionTimestamp = JUST_NOW;
  t.same(health('apps/v1', 'Deployment', counted(allOf), { deletionTimestamp }), ['progressing', 'is being deleted']);
});

t.test('a kind is known by its group too', async (t) => {
  t.same(health('serving.knative.dev/v1', 'Service', { spec: { type: 'LoadBalancer' } }), ['ready', 'exists']);
});
