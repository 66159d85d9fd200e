import { isJsonObject, type Json } from '../domain/json.ts';
import type { KubernetesObject, Manifest } from '../domain/manifest.ts';
import { YamlError } from './yaml/error.ts';
import { placeOf } from './yaml/node.ts';
import { parseYaml } from './yaml/parser.ts';
import { describe } from './yaml/string-map.ts';
import { decodeYaml, toJson } from './yaml/value.ts';

const unsupported = 'unsupported manifest, expecting kind/apiVersion/metadata.name for Kubernetes';

/** The objects in the rendered text of a manifest file, in order; documents without content are left out. Throws YamlError. */
export function readManifests(file: string, text: string): Manifest[] {
  const manifests: Manifest[] = [];
  for (const document of parseYaml(text)) {
    const root = document.kind === 'alias' ? document.target : document;
    const place = placeOf(text, root);
    const value = decodeYaml(text, document);
    if (value === null) continue;
    const object = jsonAt(value, place);
    if (!isJsonObject(object)) {
      const shown = root.kind === 'alias' ? 'an alias' : describe(text, root);
      throw new YamlError(
        `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${shown} into kubernetes.kubernetesMeta`,
        place,
      );
    }
    if (!isKubernetesObject(object)) throw new YamlError(unsupported, place);
    manifests.push({ object, file, line: place.line });
  }
  return manifests;
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
