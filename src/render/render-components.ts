import type { Manifest } from '../domain/manifest.ts';
import type { ClusterRender } from './cluster-render.ts';
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
  const sourceOf = new Map<string, LoadedSource>();
  const rendered: { name: string; source: LoadedSource; manifests: Manifest[] }[] = [];
  for (const source of render.sources) {
    for (const component of source.components) {
      const name = several ? `${source.name}/${component.name}` : component.name;
      const manifests =
        component.kind === 'templates'
          ? await renderTemplates(render, source, component.files, name, dot)
          : await renderToolComponent(render, source, component, name, dot);
      if (several) for (const manifest of manifests) sourceOf.set(identityOf(manifest), source);
      rendered.push({ name, source, manifests });
    }
  }
  for (const { name, source, manifests } of rendered) {
    const kept = !several ? manifests : manifests.filter((manifest) => sourceOf.get(identityOf(manifest)) === source);
    if (kept.length > 0) render.result.components.push({ name, manifests: kept });
  }
}

/** The same object, in whatever version of its kind. */
function identityOf({ object: { apiVersion, kind, metadata } }: Manifest): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return JSON.stringify([group, kind, metadata.namespace ?? 'default', metadata.name]);
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
    manifests.push(...(render.read(template, output, (text) => render.manifests.read(file, text)) ?? []));
  }
  return manifests;
}
