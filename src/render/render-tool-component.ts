import { FairwayError, messageOf } from '../domain/errors.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { ManifestTools, ToolOutcome } from '../ports/manifest-tools.ts';
import type { ClusterRender } from './cluster-render.ts';
import type { Chart, KustomizeFolder, ToolComponent } from './component-folder.ts';
import { releaseObjects } from './release-objects.ts';
import type { LoadedSource } from './source-folder.ts';
import { bytesOf, textOf } from './template/byte-string.ts';
import type { Pointer } from './template/go-value.ts';

/** What kustomize or helm makes of a component, as manifests of the file that makes it one; what they refuse is on the list of refusals. */
export async function renderToolComponent(
  render: ClusterRender,
  source: LoadedSource,
  component: ToolComponent,
  name: string,
  dot: Pointer,
): Promise<Manifest[]> {
  const output = `manifests/${name}/rendered.yaml`;
  const refuse = (file: string, message: string): Manifest[] => {
    render.refusals.addFile(file, output, message);
    return [];
  };
  if (component.problems.length > 0) return component.problems.flatMap(({ file, message }) => refuse(file, message));
  const { tools } = render;
  if (tools === undefined) return refuse(component.file, `${component.kind} is not at hand here`);
  const rendered = await naming(component.file, () =>
    component.kind === 'kustomize'
      ? build(render, component, tools)
      : install(render, source, component, tools, name, dot),
  );
  if (rendered === undefined) return [];
  if (rendered.outcome === 'refused') return refuse(component.file, rendered.message);
  const bytes = bytesOf(rendered.text);
  const template = { name: '', file: { path: component.file, bytes: '' }, output };
  render.keep(template, bytes);
  const file = component.file.replace(/^cluster\//, '');
  const manifests =
    render.read(template, bytes, (text) => render.manifests.read(file, text, 'lists taken apart')) ?? [];
  return component.kind === 'helm' ? releaseObjects(manifests, name, component.namespace) : manifests;
}

/** A tool that can't be had says for which file it was wanted. */
async function naming<T>(file: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof FairwayError) || error.kind !== 'unavailable') throw error;
    throw new FairwayError('unavailable', `${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** Config items as the object ConfigMap `config-items`, for Kustomize's replacements; by its annotation it is left out of what is built. */
function build(
  { cluster, signal }: ClusterRender,
  { input, usesConfigItems }: KustomizeFolder,
  tools: ManifestTools,
): Promise<ToolOutcome> {
  if (!usesConfigItems) return tools.kustomize(input, signal);
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'config-items', annotations: { 'config.kubernetes.io/local-config': 'true' } },
    data: sorted(cluster.config_items),
  };
  const items = Buffer.from(`${JSON.stringify(object, null, 2)}\n`);
  return tools.kustomize(
    { ...input, files: new Map([...input.files, [`${input.folder}/config-items.yaml`, items]]) },
    signal,
  );
}

/** Undefined when the values were refused. */
async function install(
  render: ClusterRender,
  source: LoadedSource,
  { name: release, input, namespace, usesConfigItems, valuesTemplate }: Chart,
  tools: ManifestTools,
  name: string,
  dot: Pointer,
): Promise<ToolOutcome | undefined> {
  const values: string[] = [];
  if (valuesTemplate !== undefined) {
    const rendered = await render.render(
      render.template(source, valuesTemplate, `manifests/${name}/config-values.yaml`),
      dot,
    );
    if (rendered === undefined) return undefined;
    values.push(textOf(rendered));
  }
  if (usesConfigItems) values.push(JSON.stringify({ configItems: sorted(render.cluster.config_items) }));
  return tools.helm(input, { name: release, namespace, values }, render.signal);
}

function sorted(items: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(items).sort(([a], [b]) => (a < b ? -1 : 1)));
}
