import { smallConfig } from '../resilience/small-config.ts';

/** A config repository that is proven and rolled out by rendering alone, for attacks that no cluster has to be there for. */
export const renderedOnly: Record<string, string> = {
  ...smallConfig,
  'channels/dev.yaml': 'channel: dev\nbranch: dev\npromotion: {to: alpha, soak: 0s}\n',
  'pipelines/pull-request.yaml': [
    'pipeline: pull-request',
    'on: {pullRequest: {branches: [dev, alpha]}}',
    'stages:',
    '  - {stage: render, steps: [{render: {}}, {diff: {}}]}',
    '',
  ].join('\n'),
  'pipelines/rollout.yaml': 'pipeline: rollout\non: {push: {}}\nstages:\n  - {stage: render, steps: [{render: {}}]}\n',
  'pipelines/promotion.yaml':
    'pipeline: promotion\non: {converged: {}}\nstages:\n  - {stage: propose, steps: [{open-promotion: {}}]}\n',
};

/** A manifest that renders; `value` tells one from another. */
export function goodObject(value: string): Record<string, string> {
  return { 'cluster/manifests/small/two.yaml': manifest(value) };
}

/** A manifest that renders nowhere. */
export const brokenObject = {
  'cluster/manifests/small/two.yaml': manifest('{{ .Cluster.ConfigItems.nobody_has_it }}'),
};

function manifest(value: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two, namespace: default}\ndata: {value: "${value}"}\n`;
}
