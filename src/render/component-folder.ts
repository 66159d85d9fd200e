import type { Dirent } from 'node:fs';
import type { ToolFolder } from '../ports/manifest-tools.ts';
import { chartFolder } from './chart-folder.ts';
import { isKustomization, kustomizeFolder } from './kustomize-folder.ts';
import type { SourceFile, SourceReader } from './source-reader.ts';
import { textOf } from './template/byte-string.ts';

/** One folder of `cluster/manifests/`: files that are templates, or something that an official tool renders. */
export type ComponentFolder = { kind: 'templates'; name: string; files: SourceFile[] } | ToolComponent;

export type ToolComponent = KustomizeFolder | Chart;

interface RenderedByTool {
  name: string;
  /** What makes it one, e.g. `cluster/manifests/web/Chart.yaml`. */
  file: string;
  input: ToolFolder;
  /** Why it can't be rendered, whatever the cluster. */
  problems: ComponentProblem[];
  /** Whether it looks at config items. */
  usesConfigItems: boolean;
}

export interface KustomizeFolder extends RenderedByTool {
  kind: 'kustomize';
  /** Folders that it names outside of its own, e.g. `cluster/bases/web`. */
  bases: string[];
}

export interface Chart extends RenderedByTool {
  kind: 'helm';
  namespace: string;
  /** `config-values.yaml`: values for the cluster, as a template. */
  valuesTemplate: SourceFile | undefined;
}

export interface ComponentProblem {
  file: string;
  message: string;
}

/** The folder as a Kustomize folder or a Helm chart; undefined if its files are templates. */
export async function toolComponent(
  reader: SourceReader,
  name: string,
  entries: readonly Dirent[],
): Promise<ToolComponent | undefined> {
  const folder = `cluster/manifests/${name}`;
  const files = entries.filter((entry) => !entry.isDirectory());
  const kustomization = files.find((entry) => isKustomization(entry.name));
  const chart = files.find((entry) => entry.name === 'Chart.yaml');
  if (kustomization === undefined) return chart && chartFolder(reader, name, folder);
  const file = await reader.read(`${folder}/${kustomization.name}`);
  if (file !== undefined && 'bytes' in file && isOfAnotherKind(textOf(file.bytes))) return undefined;
  const component = await kustomizeFolder(reader, name, `${folder}/${kustomization.name}`);
  if (chart === undefined) return component;
  const message = `${folder} holds both ${kustomization.name} and Chart.yaml; put them into a component each`;
  return { ...component, problems: [{ file: component.file, message }] };
}

/** Flux too keeps an object of the kind Kustomization in files of that name: it is a manifest like others. */
function isOfAnotherKind(text: string): boolean {
  return /^apiVersion:\s*["']?(?!kustomize\.config\.k8s\.io\/)[^\s"']/m.test(text);
}

/** Without those that others build on: their objects come with these others. */
export function withoutBases(components: readonly ComponentFolder[]): ComponentFolder[] {
  const built = components.filter((component) => component.kind === 'kustomize');
  return components.filter(
    (one) => one.kind !== 'kustomize' || !built.some((other) => buildsOn(other, one) && !buildsOn(one, other)),
  );
}

function buildsOn(overlay: KustomizeFolder, base: KustomizeFolder): boolean {
  return overlay.bases.includes(base.input.folder);
}
