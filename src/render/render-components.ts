import type { Manifest } from '../domain/manifest.ts';
import type { ClusterRender } from './cluster-render.ts';
import { refuseDoubledObjects } from './doubled-objects.ts';
import { KindScopes } from './kind-scopes.ts';
import type { Values } from './network-values.ts';
import { renderToolComponent } from './render-tool-component.ts';
import type { LoadedSource } from './source-folder.ts';
import type { SourceFile } from './source-reader.ts';
import type { Pointer } from './template/go-value.ts';

/**
 * Every component of every source, in order; files and components without content are left out. An object that a later source
 * has too is that source's.
 */
export async function renderComponents(render: ClusterRender, values: Values): Promise<void> {
  const dot = render.dot(values);
  const several = render.sources.length > 1;
  const rendered: { name: string; source: LoadedSource; manifests: Manifest[] }[] = [];
  for (const source of render.sources) {
    for (const component of source.components) {
      const name = several ? `${source.name}/${component.name}` : component.name;
      const manifests =
        component.kind === 'templates'
          ? await renderTemplates(render, source, component.files, name, dot)
          : await renderToolComponent(render, source, component, name, dot);
      rendered.push({ name, source, manifests });
    }
  }
  const scopes = new KindScopes(rendered.flatMap(({ manifests }) => manifests));
  const sourceOf = new Map<string, LoadedSource>();
  for (const { source, manifests } of several ? rendered : []) {
    for (const { object } of manifests) sourceOf.set(scopes.keyOf(object), source);
  }
  for (const { name, source, manifests } of rendered) {
    const kept = !several ? manifests : manifests.filter(({ object }) => sourceOf.get(scopes.keyOf(object)) === source);
    if (kept.length > 0) render.result.components.push({ name, manifests: kept });
  }
  refuseDoubledObjects(render.result.components, render.texts, render.refusals);
}

async function renderTemplates(
  render: ClusterRender,
  source: LoadedSource,
  files: readonly SourceFile[],
  name: string,
  dot: Pointer,
): Promise<Manifest[]> {
  const templates = files.map((file) =>
    render.template(source, file, `manifests/${name}/${file.path.slice(file.path.lastIndexOf('/') + 1)}`),
  );
  const outputs = await render.files.renderSiblings(templates, dot, render.instanceTypes);
  const manifests: Manifest[] = [];
  for (const [index, template] of templates.entries()) {
    const output = outputs[index];
    if (output === undefined) continue;
    render.keep(template, output);
    const file = template.file.path.replace(/^cluster\//, '');
    manifests.push(
      ...(render.read(template, output, (text) => render.manifests.read(file, text, 'lists refused')) ?? []),
    );
  }
  return manifests;
}
