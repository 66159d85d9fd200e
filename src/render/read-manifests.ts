import { isJsonObject, type Json } from '../domain/json.ts';
import type { KubernetesObject, Manifest } from '../domain/manifest.ts';
import { isList, type ListHandling, listedObjects, type ObjectNode } from './listed-objects.ts';
import { YamlError } from './yaml/error.ts';
import { placeOf, type YamlNode } from './yaml/node.ts';
import { parseYaml } from './yaml/parser.ts';
import { describe } from './yaml/string-map.ts';
import { decodeYaml, toJson } from './yaml/value.ts';

const unsupported = 'unsupported manifest, expecting kind/apiVersion/metadata.name for Kubernetes';

/** An object as read, and the node that it was read from. */
export interface ReadManifest extends Manifest {
  node: YamlNode;
}

/** The objects in the rendered text of a manifest file, in order; documents without content are left out. Throws YamlError. */
export function readManifests(file: string, text: string, lists: ListHandling = 'lists refused'): Manifest[] {
  return readWithNodes(file, text, lists).map(({ object, line }) => ({ object, file, line }));
}

/** Like readManifests, for whom it matters where fields stand. */
export function readWithNodes(file: string, text: string, lists: ListHandling): ReadManifest[] {
  const manifests: ReadManifest[] = [];
  for (const document of documentsOf(text)) {
    for (const { value, node } of listedObjects(document, lists)) {
      const place = placeOf(text, node);
      if (!isKubernetesObject(value)) throw new YamlError(unsupported, { ...place, hint: hintFor(value) });
      manifests.push({ object: value, file, line: place.line, node });
    }
  }
  return manifests;
}

function* documentsOf(text: string): Generator<ObjectNode> {
  for (const document of parseYaml(text)) {
    const node = document.kind === 'alias' ? document.target : document;
    const place = placeOf(text, node);
    const decoded = decodeYaml(text, document);
    if (decoded === null) continue;
    const value = jsonAt(decoded, place);
    if (!isJsonObject(value)) {
      const shown = node.kind === 'alias' ? 'an alias' : describe(text, node);
      throw new YamlError(
        `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${shown} into kubernetes.kubernetesMeta`,
        place,
      );
    }
    yield { value, node };
  }
}

function hintFor(value: Json): string | undefined {
  return isList(value) ? 'it is a list; write its items as documents of their own' : undefined;
}

function jsonAt(value: ReturnType<typeof decodeYaml>, place: { line: number; column: number }): Json {
  try {
    return toJson(value);
  } catch (error) {
    if (error instanceof YamlError) throw new YamlError(error.message, place);
    throw error;
  }
}

function isKubernetesObject(value: Json): value is KubernetesObject & { [key: string]: Json } {
  if (!isJsonObject(value) || !isJsonObject(value.metadata)) return false;
  const { apiVersion, kind, metadata } = value;
  return isName(apiVersion) && isName(kind) && isName(metadata.name);
}

function isName(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
