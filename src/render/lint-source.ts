import { readManifests } from './read-manifests.ts';
import type { Refusal } from './refusal.ts';
import { RefusalList } from './refusal-list.ts';
import type { LoadedSource } from './source-folder.ts';
import type { SourceFile } from './source-reader.ts';
import type { ByteString } from './template/byte-string.ts';
import { TemplateCache } from './template/template-cache.ts';
import { templateFunctions } from './template-functions.ts';
import { readStringMap } from './yaml/string-map.ts';
import { yamlTextOf } from './yaml/text.ts';

/**
 * What is wrong in a source whatever the cluster: files that may not be read, templates that can't be parsed, and the YAML of
 * files that are no templates.
 */
export function lintSource(source: LoadedSource): Refusal[] {
  const refusals = new RefusalList();
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
      if (!file.bytes.includes('{{') && !values.has(file)) checkPlainFile(file.path, output, file.bytes);
    } catch (error) {
      refusals.add({ file: file.path, output, source: file.bytes }, error);
    }
  }
  for (const component of source.components) {
    if (component.kind === 'templates') continue;
    const output = `manifests/${component.name}/rendered.yaml`;
    for (const { file, message } of component.problems) refusals.addFile(file, output, message);
  }
  return refusals.refusals;
}

function checkPlainFile(path: SourceFile['path'], output: string, bytes: ByteString): void {
  if (path === 'cluster/config-defaults.yaml') readStringMap(yamlTextOf(bytes));
  else if (/^cluster\/manifests\/[^/]+\//.test(path)) readManifests(output, yamlTextOf(bytes));
}
