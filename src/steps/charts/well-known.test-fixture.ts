import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Files, Life } from './life.test-fixture.ts';
import { escaped, filesBelow } from './module-files.test-fixture.ts';

/** What others publish, in two versions, as a user has it in a config repository. */
export interface WellKnown extends Omit<Life, 'installed' | 'upgraded'> {
  name: string;
  /** Go modules that carry it: installed, upgraded to. */
  from: string;
  to: string;
  /** `folder` and `version` are those of the module. */
  put(folder: string, version: string): Promise<Files>;
}

const manifests = 'cluster/manifests';

function namespace(name: string, labels = ''): Files {
  const text = `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}${labels === '' ? '' : `, labels: {${labels}}`}}\n`;
  return { [`${manifests}/a-namespace/${name}.yaml`]: text };
}

interface ChartOptions {
  namespace: string;
  values?: string;
  /** Where the project writes it into the chart only when it publishes that. */
  version?: string;
}

/** A chart's folder, in the namespace and with the values that the user wants. */
async function chart(folder: string, name: string, options: ChartOptions): Promise<Files> {
  const { namespace: into, values, version } = options;
  const files = await filesBelow(folder, `${manifests}/${name}`);
  const file = `${manifests}/${name}/Chart.yaml`;
  const described = parseDocument(String(files[file]));
  described.setIn(['annotations', 'fairway/namespace'], into);
  for (const field of version === undefined ? [] : ['version', 'appVersion']) described.set(field, version);
  return {
    ...files,
    [file]: described.toString(),
    ...(values === undefined ? {} : { [`${manifests}/${name}/config-values.yaml`]: values }),
  };
}

async function templates(file: string, name: string): Promise<Files> {
  return { [`${manifests}/${name}/all.yaml`]: escaped(await readFile(file, 'utf8')) };
}

/** One of each way to have it, in every run of the tests. */
export const representative: WellKnown[] = [
  {
    name: 'metrics-server, a Kustomize overlay',
    from: 'sigs.k8s.io/metrics-server@v0.8.0',
    to: 'sigs.k8s.io/metrics-server@v0.9.0',
    put: async (folder) => ({
      ...(await filesBelow(join(folder, 'manifests'), 'cluster/vendor/metrics-server')),
      [`${manifests}/metrics/kustomization.yaml`]:
        'resources: [../../vendor/metrics-server/overlays/release-ha-1.21+]\n',
    }),
  },
  {
    name: 'flannel, a manifest',
    from: 'github.com/flannel-io/flannel@v0.28.4',
    to: 'github.com/flannel-io/flannel@v0.28.10',
    put: (folder) => templates(join(folder, 'Documentation/kube-flannel.yml'), 'flannel'),
  },
  {
    name: 'cert-manager, a chart',
    from: 'github.com/cert-manager/cert-manager@v1.21.0',
    to: 'github.com/cert-manager/cert-manager@v1.21.2',
    kept: [
      'CustomResourceDefinition certificaterequests.cert-manager.io',
      'CustomResourceDefinition certificates.cert-manager.io',
      'CustomResourceDefinition challenges.acme.cert-manager.io',
      'CustomResourceDefinition clusterissuers.cert-manager.io',
      'CustomResourceDefinition issuers.cert-manager.io',
      'CustomResourceDefinition orders.acme.cert-manager.io',
    ],
    put: async (folder, version) => ({
      ...namespace('cert-manager'),
      ...(await chart(join(folder, 'deploy/charts/cert-manager'), 'cert-manager', {
        namespace: 'cert-manager',
        values: 'crds: {enabled: true}\n',
        version,
      })),
    }),
  },
];

/** Larger ones, and further ways: `npm run charts`. */
export const further: WellKnown[] = [
  {
    name: 'metrics-server, a chart',
    from: 'sigs.k8s.io/metrics-server@v0.8.0',
    to: 'sigs.k8s.io/metrics-server@v0.9.0',
    put: (folder) =>
      chart(join(folder, 'charts/metrics-server'), 'metrics-server', {
        namespace: 'kube-system',
        values: 'replicas: 2\n',
      }),
  },
  {
    name: 'external-dns, a chart',
    from: 'sigs.k8s.io/external-dns@v0.18.0',
    to: 'sigs.k8s.io/external-dns@v0.20.0',
    put: async (folder) => ({
      ...namespace('dns'),
      ...(await chart(join(folder, 'charts/external-dns'), 'external-dns', {
        namespace: 'dns',
        values: 'provider: {name: aws}\n',
      })),
    }),
  },
  {
    name: 'flannel, a chart',
    from: 'github.com/flannel-io/flannel@v0.28.4',
    to: 'github.com/flannel-io/flannel@v0.28.10',
    put: async (folder) => ({
      ...namespace('kube-flannel', 'pod-security.kubernetes.io/enforce: privileged'),
      ...(await chart(join(folder, 'chart/kube-flannel'), 'flannel', { namespace: 'kube-flannel' })),
    }),
  },
  {
    name: 'gateway-api, experimental CRDs',
    from: 'sigs.k8s.io/gateway-api@v1.5.1',
    to: 'sigs.k8s.io/gateway-api@v1.6.3',
    put: (folder) => filesBelow(join(folder, 'config/crd/experimental'), `${manifests}/gateway-api`),
  },
  {
    name: 'prometheus-operator, a manifest',
    from: 'github.com/prometheus-operator/prometheus-operator@v0.84.0',
    to: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    put: (folder) => templates(join(folder, 'bundle.yaml'), 'prometheus-operator'),
  },
  {
    name: 'argo-cd, a Kustomize folder',
    from: 'github.com/argoproj/argo-cd/v2@v2.13.2',
    to: 'github.com/argoproj/argo-cd/v2@v2.14.11',
    // An init container of 2.14 makes it.
    // The first is made by an init container; the StatefulSet's Service is really not there.
    warnings: [
      'there is no Secret "argocd-redis" in the namespace argocd',
      'there is no Service "argocd-application-controller" in the namespace argocd',
    ],
    put: async (folder) => ({
      ...namespace('argocd'),
      [`${manifests}/argo-cd/kustomization.yaml`]: 'namespace: argocd\nresources: [install.yaml]\n',
      [`${manifests}/argo-cd/install.yaml`]: await readFile(join(folder, 'manifests/install.yaml')),
    }),
  },
  {
    name: 'kyverno, a manifest',
    from: 'github.com/kyverno/kyverno@v1.18.2',
    to: 'github.com/kyverno/kyverno@v1.19.1',
    // Its ConfigMap is annotated helm.sh/resource-policy: keep, and would keep the Namespace.
    deletions: 'post_apply: [{kind: Namespace, name: kyverno}]\n',
    put: (folder) => templates(join(folder, 'config/install-latest-testing.yaml'), 'kyverno'),
  },
];
