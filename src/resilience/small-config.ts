/** A config repository that is proven in seconds: no nodes, many small objects, one of which gets ready when the test says so. */
export const smallConfig: Record<string, string> = {
  'channels/dev.yaml': [
    'channel: dev',
    'branch: dev',
    'promotion: {to: alpha, soak: 4s}',
    'rollout: {waves: [{name: all, soak: 4s}]}',
    '',
  ].join('\n'),
  'channels/alpha.yaml': 'channel: alpha\nbranch: alpha\n',
  'pipelines/pull-request.yaml': [
    'pipeline: pull-request',
    'on: {pullRequest: {branches: [dev]}}',
    'stages:',
    '  - {stage: render, steps: [{render: {}}, {diff: {}}, {policy: {}}]}',
    '  - {stage: base, steps: [{create-cluster: {provider: local, nodes: 0}}, {apply: {revision: base}}]}',
    '  - {stage: upgrade, steps: [{apply: {revision: head}}, {wait-for-health: {timeout: 3m}}]}',
    '  - {stage: e2e, steps: [{suite: {run: e2e/small}}]}',
    '  - {stage: teardown, always: true, steps: [{delete-cluster: {}}]}',
    '',
  ].join('\n'),
  'pipelines/rollout.yaml': [
    'pipeline: rollout',
    'on: {push: {}}',
    'stages:',
    '  - {stage: render, steps: [{render: {}}, {diff: {}}]}',
    '  - {stage: converge, forEach: cluster, steps: [{apply: {}}, {wait-for-health: {timeout: 3m}}]}',
    '  - {stage: settle, forEach: wave, steps: [{soak: {}}]}',
    '',
  ].join('\n'),
  'pipelines/promotion.yaml': [
    'pipeline: promotion',
    'on: {converged: {}}',
    'stages:',
    '  - {stage: soak, steps: [{soak: {}}]}',
    '  - {stage: propose, steps: [{open-promotion: {}}]}',
    '',
  ].join('\n'),
  'cluster/config-defaults.yaml': 'size: "1"\n',
  'cluster/manifests/small/one.yaml': configMap('one', 'one'),
  'e2e/small/once.test.ts': [
    "import { appendFileSync, readFileSync } from 'node:fs';",
    "import { setTimeout as sleep } from 'node:timers/promises';",
    '// How often it was started is kept in the folder that is this run’s alone.',
    "const starts = process.env.HOME + '/starts';",
    "appendFileSync(starts, 'x');",
    'await sleep(4_000);',
    "const times = readFileSync(starts, 'utf8').length;",
    "console.log('TAP version 14');",
    "console.log((times === 1 ? 'ok' : 'not ok') + ' 1 - started once, not ' + times + ' times');",
    "console.log('1..1');",
    '',
  ].join('\n'),
};

/** `count` objects, each in a file of its own, so that applying takes a while. */
export function manyObjects(count: number, value: string): Record<string, string> {
  const names = Array.from({ length: count }, (_, index) => `many-${index}`);
  return Object.fromEntries(names.map((name) => [`cluster/manifests/many/${name}.yaml`, configMap(name, value)]));
}

/** An object that waits until someone says that it is ready. */
export const waiting: Record<string, string> = {
  'cluster/manifests/waiting/waiting.yaml': [
    'apiVersion: apiextensions.k8s.io/v1',
    'kind: CustomResourceDefinition',
    'metadata: {name: bells.example.org}',
    'spec:',
    '  group: example.org',
    '  names: {kind: Bell, plural: bells, singular: bell}',
    '  scope: Namespaced',
    '  versions:',
    '    - name: v1',
    '      served: true',
    '      storage: true',
    '      subresources: {status: {}}',
    '      schema:',
    '        openAPIV3Schema:',
    '          type: object',
    '          properties:',
    '            status:',
    '              type: object',
    '              x-kubernetes-preserve-unknown-fields: true',
    '              default: {conditions: [{type: Ready, status: "False", reason: Silent, message: nobody rang it}]}',
    '---',
    'apiVersion: example.org/v1',
    'kind: Bell',
    'metadata: {name: waiting, namespace: default}',
    '',
  ].join('\n'),
};

/** What kubectl is to be asked for the object to be ready. */
export const makeReady = [
  'patch',
  'bell',
  'waiting',
  '--subresource=status',
  '--type=merge',
  `--patch=${JSON.stringify({ status: { conditions: [{ type: 'Ready', status: 'True' }] } })}`,
];

function configMap(name: string, value: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: default}\ndata: {value: ${value}}\n`;
}

/** Rules without clusters: what is proven is that it renders, and that takes as long as the soak. */
export const quickRules: Record<string, string> = {
  'pipelines/pull-request.yaml': [
    'pipeline: pull-request',
    'on: {pullRequest: {branches: [dev]}}',
    'stages:',
    '  - {stage: render, steps: [{render: {}}, {soak: {for: 5s}}]}',
    '',
  ].join('\n'),
  'pipelines/rollout.yaml': 'pipeline: rollout\non: {push: {}}\nstages:\n  - {stage: render, steps: [{render: {}}]}\n',
};
