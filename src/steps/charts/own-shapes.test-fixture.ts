import type { Files } from './life.test-fixture.ts';

const manifests = 'cluster/manifests';

export const namespace = (name: string): Files => ({
  [`${manifests}/a-namespaces/${name}.yaml`]: `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`,
});

/** As controller-gen writes them, which puts in the `creationTimestamp` of an object that is in no cluster. */
function definition(kind: string, group: string, fields: string, annotations = ''): string {
  const plural = `${kind.toLowerCase()}s`;
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  creationTimestamp: null
  name: ${plural}.${group}
  annotations: {controller-gen.kubebuilder.io/version: v0.16.1${annotations}}
spec:
  group: ${group}
  names: {kind: ${kind}, listKind: ${kind}List, plural: ${plural}, singular: ${kind.toLowerCase()}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
${fields}`;
}

const fieldOf = (index: number, words: string) =>
  `                field${index}: {type: string, description: "${words.repeat(20)}"}\n`;

/** A CustomResourceDefinition of about 800 kB, as those of operators that embed pod templates, with an object of its kind. */
export function bigDefinition(size: string): Files {
  const words = 'What pods of this kind may have, and what is made of it. ';
  const fields = Array.from({ length: 650 }, (_, index) => fieldOf(index, words)).join('');
  return {
    ...namespace('big'),
    [`${manifests}/operator/definition.yaml`]: definition('Shop', 'big.example.org', fields),
    [`${manifests}/operator/shop.yaml`]: `apiVersion: big.example.org/v1
kind: Shop
metadata: {name: main, namespace: big}
spec: {field1: "${size}"}
`,
  };
}

const kinds: ((name: string, version: string) => string)[] = [
  (name, version) => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: many}
data: {version: "${version}", query: 'sum by (pod) (rate({{"{{"}} x }}[5m]))'}
`,
  (name, version) => `apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: many}
stringData: {key-${version}: value}
`,
  (name) => `apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: many}
`,
  (name, version) => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: many, labels: {version: "${version}"}}
spec: {selector: {app: ${name}}, ports: [{port: 80, targetPort: http}]}
`,
  (name, version) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: many}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      serviceAccountName: ${name}
      containers:
        - name: main
          image: registry.example.org/app:${version}
          ports: [{name: http, containerPort: 8080}]
          resources: {requests: {cpu: 1000m, memory: 0.5Gi}}
`,
  (name, version) => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: ${name}, namespace: many}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}
  minReplicas: 1
  maxReplicas: ${version}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
`,
  (name, version) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: many}
spec:
  podSelector: {matchLabels: {app: ${name}}}
  ingress: [{ports: [{port: ${version}}]}]
`,
  (name, version) => `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: ${name}, namespace: many}
spec: {maxUnavailable: ${version}, selector: {matchLabels: {app: ${name}}}}
`,
  (name, version) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: many}
spec:
  rules:
    - host: "${name}-${version}.example.org"
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${name}, port: {number: 80}}}}]}
`,
  (name, version) => `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: many-${name}, creationTimestamp: null}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list], resourceNames: ["${version}"]}]
`,
];

/** 130 objects of ten kinds in one component, one file per kind. */
export function manyObjects(version: string): Files {
  const files: Files = { ...namespace('many') };
  for (const [index, kind] of kinds.entries()) {
    const names = Array.from({ length: 13 }, (_, number) => `app-${number}`);
    files[`${manifests}/many/kind-${index}.yaml`] = names.map((name) => kind(name, version)).join('---\n');
  }
  return files;
}

const hook = (name: string, hooks: string, weight: number, value: string) => `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  annotations: {helm.sh/hook: "${hooks}", helm.sh/hook-weight: "${weight}", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "app:1", args: ["${value}"]}]
`;

/** Lists, typed ones too, hooks with weights, a definition that is to be kept, and a webhook whose server is away. */
export function chartOfAll(replicas: number): Files {
  const chart = `${manifests}/shop`;
  return {
    ...namespace('shop'),
    [`${chart}/Chart.yaml`]: 'apiVersion: v2\nname: shop\nversion: 1.2.3\nannotations: {fairway/namespace: shop}\n',
    [`${chart}/values.yaml`]: 'replicas: 1\n',
    [`${chart}/config-values.yaml`]: `replicas: ${replicas}\n`,
    [`${chart}/templates/lists.yaml`]: `apiVersion: v1
kind: ConfigMapList
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: dashboard-a}, data: {replicas: "{{ .Values.replicas }}"}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: dashboard-b}}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ServiceAccount, metadata: {name: shop}}
  - {apiVersion: v1, kind: Secret, metadata: {name: login}, stringData: {key-{{ .Values.replicas }}: value}}
`,
    [`${chart}/templates/hooks.yaml`]: [
      hook('shop-late', 'post-install,post-upgrade', 5, '{{ .Values.replicas }}'),
      hook('shop-first', 'pre-install,pre-upgrade', -5, '{{ .Values.replicas }}'),
      hook('shop-gone', 'pre-delete', 0, 'never'),
    ].join('---\n'),
    [`${chart}/templates/definition.yaml`]: definition(
      'Order',
      'shop.example.org',
      fieldOf(1, 'An order. '),
      ', helm.sh/resource-policy: keep',
    ),
    [`${chart}/templates/webhook.yaml`]: `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: shop-orders}
webhooks:
  - name: orders.shop.example.org
    clientConfig: {service: {name: shop, namespace: shop, path: /validate}}
    rules: [{apiGroups: [shop.example.org], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [orders]}]
    admissionReviewVersions: [v1]
    sideEffects: None
    timeoutSeconds: {{ .Values.replicas }}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 443}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {serviceAccountName: shop, containers: [{name: main, image: "app:1", envFrom: [{secretRef: {name: login}}]}]}
`,
  };
}
