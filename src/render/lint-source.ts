import type { ComponentFolder } from './component-folder.ts';
import type { Finding } from './lint/finding.ts';
import { FindingList } from './lint/finding-list.ts';
import { readManifests } from './read-manifests.ts';
import { RefusalList } from './refusal-list.ts';
import type { LoadedSource } from './source-folder.ts';
import type { SourceFile } from './source-reader.ts';
import { type ByteString, bytesOfBuffer } from './template/byte-string.ts';
import { TemplateCache } from './template/template-cache.ts';
import { templateFunctions } from './template-functions.ts';
import { readStringMap } from './yaml/string-map.ts';
import { yamlTextOf } from './yaml/text.ts';

/**
 * What is wrong in a source whatever the cluster: files that may not be read, templates that can't be parsed, and the YAML of
 * files that are no templates.
 */
export function lintSource(source: LoadedSource): Finding[] {
  const refusals = new RefusalList();
  const found = new FindingList();
  const templates = new TemplateCache(templateFunctions);
  const values = new Set(source.components.map((component) => component.kind === 'helm' && component.valuesTemplate));
  for (const file of [...source.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const output = file.path.replace(/^cluster\//, '');
    if (!('bytes' in file)) {
      refusals.addFile(file.path, output, file.refused);
      continue;
    }
    try {
      templates.parse(`${source.name}/${file.path}`, file.bytes);
      if (file.bytes.includes('{{')) continue;
      found.addDuplicateKeys({ file: file.path, output, source: file.bytes });
      if (!values.has(file)) checkPlainFile(file.path, output, file.bytes);
    } catch (error) {
      refusals.add({ file: file.path, output, source: file.bytes }, error);
    }
  }
  for (const component of source.components) {
    if (component.kind === 'templates') continue;
    const output = `manifests/${component.name}/rendered.yaml`;
    for (const { file, message } of component.problems) refusals.addFile(file, output, message);
    for (const [path, bytes] of yamlFilesOf(component)) found.addDuplicateKeys({ file: path, output, source: bytes });
  }
  return [...refusals.refusals.map((refusal) => ({ ...refusal, severity: 'error' as const })), ...found.findings];
}

/** What kustomize and helm read as YAML: of a chart, all but its templates, which also lie in the charts that it brings. */
function yamlFilesOf(component: Exclude<ComponentFolder, { kind: 'templates' }>): [string, ByteString][] {
  return [...component.input.files].flatMap(([path, bytes]): [string, ByteString][] => {
    const isYaml = /(\.ya?ml|\/Kustomization)$/.test(path) && !path.endsWith('/config-values.yaml');
    const isTemplate = component.kind === 'helm' && path.includes('/templates/');
    return isYaml && !isTemplate ? [[path, bytesOfBuffer(Buffer.from(bytes))]] : [];
  });
}

function checkPlainFile(path: SourceFile['path'], output: string, bytes: ByteString): void {
  if (path === 'cluster/config-defaults.yaml') readStringMap(yamlTextOf(bytes));
  else if (/^cluster\/manifests\/[^/]+\//.test(path)) readManifests(output, yamlTextOf(bytes));
}
