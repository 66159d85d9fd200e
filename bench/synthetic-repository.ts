import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A config repository of the size of a real one: 250 manifests in 50 components, 1.6 MB when rendered. */
export function syntheticRepository(manifests = 250): Map<string, string> {
  const files = new Map<string, string>();
  const defaults = Array.from({ length: 300 }, (_, index) => `item_${index}: "value-${index}"`);
  files.set('cluster/config-defaults.yaml', `${defaults.join('\n')}\nreplicas: 2\nfeature: "true"\nlist: "a,b,c"\n`);
  for (let index = 0; index < manifests; index++) {
    const component = `component-${String(Math.floor(index / 5)).padStart(2, '0')}`;
    files.set(`cluster/manifests/${component}/manifest-${index}.yaml`, manifest(index));
  }
  return files;
}

/** Writes it out and answers its folder. */
export async function writeRepository(directory: string, files: ReadonlyMap<string, string>): Promise<string> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

function manifest(index: number): string {
  const containers = Array.from({ length: 9 }, (_, number) => container(index, number)).join('');
  return `{{ $name := printf "app-%d-%s" ${index} .Cluster.Alias }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: kube-system
  labels:
    application: {{ $name }}
    component: "controller"
    environment: "{{ .Cluster.Environment }}"
spec:
  replicas: {{ .Cluster.ConfigItems.replicas }}
  selector:
    matchLabels:
      application: {{ $name }}
  template:
    metadata:
      labels:
        application: {{ $name }}
    spec:
{{- if eq .Cluster.ConfigItems.feature "true" }}
      priorityClassName: "{{ .Cluster.ConfigItems.item_${index % 300} }}"
{{- else }}
      priorityClassName: none
{{- end }}
      containers:
${containers}---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}
  namespace: kube-system
data:
  config.yaml: |
{{- range $i, $pool := .Cluster.NodePools }}
    pool-{{ $i }}: {{ $pool.Name }}
    profile-{{ $i }}: {{ $pool.Profile }}
{{- end }}
${Array.from({ length: 20 }, (_, line) => `    key-${line}: some value of line ${line} for {{ $.Cluster.Region }}\n`).join('')}`;
}

function container(index: number, number: number): string {
  return `      - name: container-${number}
        image: "registry.example.org/team/app-${index}:v1.${number}-{{ .Cluster.ConfigItems.item_${number} }}"
        # what the container is told
        args:
        - --leader-elect=true
        - --v={{ .Cluster.CriticalityLevel }}
        - --cluster={{ .Cluster.ID }}
        env:
        - name: SETTING_${number}
          value: "{{ .Cluster.ConfigItems.item_${(index + number) % 300} }}"
        - name: POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        resources:
          requests: {cpu: 100m, memory: 64Mi}
          limits:
            cpu: 100m
            memory: 64Mi
`;
}
