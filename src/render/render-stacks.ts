import { createHash } from 'node:crypto';
import { isJsonObject, type Json } from '../domain/json.ts';
import type { ClusterRender } from './cluster-render.ts';
import { accountIdOf, isEks } from './derived-cluster.ts';
import type { FileRenderer, TemplateFile } from './file-renderer.ts';
import type { Values } from './network-values.ts';
import type { RenderedStack } from './rendered-cluster.ts';
import { type ByteString, bufferOf, bytesOf, textOf } from './template/byte-string.ts';
import type { Value } from './template/go-value.ts';
import { archiveKey, readArchiveEntries, s3Url } from './user-data.ts';
import { YamlError } from './yaml/error.ts';
import { parseFirstYaml } from './yaml/parser.ts';
import { decodeYaml, toJson } from './yaml/value.ts';

const maxInlineBytes = 51_200;

/** The bucket that belongs to the cluster's account and region. */
function bucketOf(render: ClusterRender): string {
  return `cluster-lifecycle-manager-${accountIdOf(render.cluster)}-${render.cluster.region}`;
}

/** etcd's files and stack; the values with what they add. */
export async function renderEtcd(render: ClusterRender, values: Values): Promise<Values> {
  const source = render.main;
  const files = source?.files.get('cluster/etcd/files.yaml');
  const stack = source?.files.get('cluster/etcd/stack.yaml');
  if (source === undefined || (files === undefined && stack === undefined) || isEks(render.cluster)) return values;
  const grown = new Map<string, Value>(values);
  if (files !== undefined) await renderEtcdFiles(render, render.template(source, files), grown);
  if (stack !== undefined) {
    const template = await render.render(render.template(source, stack), render.dot(grown));
    if (template !== undefined) {
      render.result.stacks.push({
        kind: 'etcd',
        name: render.cluster.config_items.etcd_stack_name ?? 'etcd-cluster-etcd',
        file: stack.path,
        template,
        tags: { application: 'kubernetes', component: 'etcd-cluster' },
      });
    }
  }
  return grown;
}

async function renderEtcdFiles(render: ClusterRender, template: TemplateFile, values: Map<string, Value>) {
  await render.fact(['etcd_kms_key_arn'], async () => {
    values.set('etcd_kms_key_arn', bytesOf(await render.facts.etcdKmsKeyArn()));
  });
  const rendered = addEtcdInstance(render, template, values) ? await render.render(template, render.dot(values)) : '';
  const encryptionKey = () => textOf(String(values.get('etcd_kms_key_arn') ?? ''));
  addArchive(render, template, rendered, { kind: 'etcd', encryptionKey, values });
}

function addEtcdInstance(render: ClusterRender, { file, output }: TemplateFile, values: Map<string, Value>): boolean {
  const type = render.cluster.config_items.etcd_instance_type;
  const instance = type === undefined ? undefined : render.instanceTypes.get(type);
  if (instance === undefined) {
    const message = type === undefined ? 'config item etcd_instance_type is not set' : `unknown instance type: ${type}`;
    render.refusals.addFile(file.path, output, message, 'set etcd_instance_type to a known type');
    return false;
  }
  values.set('etcd_instance_type_info', instance);
  return true;
}

interface ArchiveOptions {
  kind: 'etcd' | 'master' | 'worker';
  /** "" when there is none. */
  encryptionKey: () => string;
  /** Get the archive's S3GeneratedFilesPath. */
  values: Map<string, Value>;
}

/**
 * Adds the archive of a rendered `files.yaml` to the result. The path is known even when the file was refused, so that its
 * faults aren't told again for the files that use it.
 */
export function addArchive(
  render: ClusterRender,
  template: TemplateFile,
  rendered: ByteString | undefined,
  { kind, encryptionKey, values }: ArchiveOptions,
): void {
  const place = { bucket: bucketOf(render), key: archiveKey(render.cluster.local_id, kind, rendered ?? '') };
  values.set('S3GeneratedFilesPath', bytesOf(s3Url(place)));
  const entries = rendered === undefined ? undefined : render.read(template, rendered, readArchiveEntries);
  if (entries === undefined) return;
  const key = entries.some((entry) => entry.encrypted) ? encryptionKey() : undefined;
  if (key === '') {
    const name = keyNames[kind];
    render.refusals.addFile(template.file.path, template.output, `failed to find the encryption key: ${name}`);
  } else {
    render.result.archives.push({ ...place, entries, encryptionKey: key });
  }
}

/** Where the key's ARN is to be found. */
const keyNames = {
  etcd: 'alias/etcd-cluster',
  master: 'MasterFilesEncryptionKey',
  worker: 'WorkerFilesEncryptionKey',
};

/** The main stack, named after the cluster. Answers the names of its outputs; undefined when it was refused. */
export async function renderClusterStack(render: ClusterRender, values: Values): Promise<string[] | undefined> {
  const source = render.main;
  const file = source?.files.get('cluster/cluster.yaml');
  if (source === undefined || file === undefined) return [];
  const templateFile = render.template(source, file);
  const template = await render.render(templateFile, render.dot(values));
  if (template === undefined) return undefined;
  render.result.stacks.push({
    kind: 'cluster',
    name: render.cluster.local_id,
    file: file.path,
    template,
    tags: {
      [`kubernetes.io/cluster/${render.cluster.id}`]: 'owned',
      'cluster-lifecycle-controller.zalando.org/main-stack': 'true',
    },
    ...uploadOf(render, template, `${render.cluster.id}.template`),
  });
  return render.read(templateFile, template, outputNamesOf);
}

function outputNamesOf(text: string): string[] {
  const document = readTemplate(text);
  const outputs = isJsonObject(document) ? document.Outputs : undefined;
  return isJsonObject(outputs) ? Object.keys(outputs) : [];
}

function readTemplate(text: string): Json {
  const root = parseFirstYaml(text);
  return root === undefined ? null : toJson(decodeYaml(text, root));
}

/** The stacks of `cf-manifests`, each named in its template's Metadata. */
export async function renderStackManifests(render: ClusterRender, values: Values): Promise<void> {
  const dot = render.dot(values);
  for (const source of render.sources) {
    for (const file of source.cfManifests) {
      const template = render.template(source, file);
      const rendered = await withoutInstanceTypes(render.files, template, dot);
      if (rendered === undefined || rendered.trim() === '') continue;
      const name = render.read(template, rendered, stackNameOf);
      if (name === undefined) continue;
      render.result.stacks.push(manifestStack(render, template, rendered, name));
    }
  }
}

function withoutInstanceTypes(files: FileRenderer, template: TemplateFile, dot: Value) {
  return files.render(template, dot, undefined);
}

function manifestStack(
  render: ClusterRender,
  template: TemplateFile,
  rendered: ByteString,
  name: string,
): RenderedStack {
  const clusterName = isEks(render.cluster) ? render.cluster.alias : render.cluster.id;
  const key = `${createHash('sha256').update(template.name).digest('hex')}.template`;
  return {
    kind: 'manifest',
    name,
    file: template.file.path,
    template: rendered,
    tags: { [`kubernetes.io/cluster/${clusterName}`]: 'owned' },
    ...uploadOf(render, rendered, key),
  };
}

function stackNameOf(text: string): string {
  const document = readTemplate(text);
  const metadata = isJsonObject(document) ? document.Metadata : undefined;
  const name = isJsonObject(metadata) ? metadata.StackName : undefined;
  if (typeof name === 'string' && name !== '') return name;
  throw new YamlError('the template names no stack; give it a Metadata with a StackName');
}

function uploadOf(render: ClusterRender, template: ByteString, key: string): Pick<RenderedStack, 'upload'> {
  return bufferOf(template).length > maxInlineBytes ? { upload: { bucket: bucketOf(render), key } } : {};
}
