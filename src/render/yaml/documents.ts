import type { Json } from '../../domain/json.ts';
import { parseYaml } from './parser.ts';
import { decodeYaml, toJson } from './value.ts';

/** The values of all documents. Throws YamlError. */
export function yamlDocuments(text: string): Json[] {
  return [...parseYaml(text)].map((document) => toJson(decodeYaml(text, document)));
}
