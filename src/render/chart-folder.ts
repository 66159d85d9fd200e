import { isJsonObject } from '../domain/json.ts';
import type { Chart, ComponentProblem } from './component-folder.ts';
import type { SourceReader } from './source-reader.ts';
import { bufferOf } from './template/byte-string.ts';
import { yamlDocuments } from './yaml/documents.ts';
import { YamlError } from './yaml/error.ts';
import { yamlTextOf } from './yaml/text.ts';

const namespaceAnnotation = 'fairway/namespace';

/** A Helm chart with all files below its folder. */
export async function chartFolder(reader: SourceReader, name: string, folder: string): Promise<Chart> {
  const files = new Map<string, Uint8Array>();
  const problems: ComponentProblem[] = [];
  let usesConfigItems = false;
  for (const file of await reader.tree(folder)) {
    if ('refused' in file) {
      problems.push({ file: file.path, message: file.refused });
      continue;
    }
    files.set(file.path, bufferOf(file.bytes));
    usesConfigItems ||= file.path !== `${folder}/config-values.yaml` && file.bytes.includes('configItems');
  }
  const chart: Chart = {
    kind: 'helm',
    name,
    file: `${folder}/Chart.yaml`,
    input: { folder, files },
    problems,
    usesConfigItems,
    namespace: 'default',
    valuesTemplate: await reader.read(`${folder}/config-values.yaml`),
  };
  const text = await reader.read(chart.file);
  if (text === undefined || 'refused' in text) return chart;
  try {
    return { ...chart, namespace: namespaceOf(yamlTextOf(text.bytes)) };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    problems.push({ file: chart.file, message: error.message });
    return chart;
  }
}

function namespaceOf(text: string): string {
  const [document] = yamlDocuments(text);
  const annotations = isJsonObject(document) ? document.annotations : undefined;
  const namespace = isJsonObject(annotations) ? annotations[namespaceAnnotation] : undefined;
  if (namespace === undefined) return 'default';
  if (typeof namespace === 'string' && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) return namespace;
  throw new YamlError(
    `annotations.${namespaceAnnotation}: ${JSON.stringify(namespace)} is no namespace; use lower-case letters, digits and "-"`,
  );
}
