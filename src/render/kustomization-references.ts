import { isJsonObject, type Json } from '../domain/json.ts';
import { yamlDocuments } from './yaml/documents.ts';

export interface Reference {
  path: string;
  /** `url`: Kustomize would fetch it; `repository`: it would, where there is no such file or folder. */
  kind: 'local' | 'url' | 'repository';
}

/** Fields of a kustomization that may name folders; Kustomize takes them in any case, as Go reads JSON. */
const folderFields = new Set([
  'resources',
  'bases',
  'components',
  'crds',
  'configurations',
  'generators',
  'transformers',
  'validators',
]);
/** Texts that are data and never opened. */
const dataFields = new Set([
  'literals',
  'patch',
  'commonlabels',
  'commonannotations',
  'labels',
  'annotations',
  'images',
  'options',
  'metadata',
]);

/**
 * What a kustomization, or the configuration of one of Kustomize's built-in plug-ins, wants to read from elsewhere: folders and files that
 * it names, and URLs. Throws YamlError.
 */
export function kustomizationReferences(text: string, isKustomization: boolean): Reference[] {
  const references: Reference[] = [];
  for (const document of yamlDocuments(text)) {
    if (!isJsonObject(document)) continue;
    if (!isKustomization && document.apiVersion !== 'builtin') continue;
    for (const [key, value] of Object.entries(document)) {
      const field = key.toLowerCase();
      if (dataFields.has(field)) continue;
      if (isKustomization && folderFields.has(field)) references.push(...textsIn(value).flatMap(folderReference));
      else references.push(...textsIn(value).filter(isUrl).map(urlReference));
    }
  }
  return references;
}

/** Inline YAML stands where a path could. */
function folderReference(text: string): Reference[] {
  if (text.includes('\n')) return kustomizationReferences(text, false);
  if (isUrl(text)) return [urlReference(text)];
  return [{ path: text, kind: isRepository(text) ? 'repository' : 'local' }];
}

function urlReference(text: string): Reference {
  return { path: text.replace(/^[^=]*=(?=https?:)/i, ''), kind: 'url' };
}

/** Alone, or as `key=https://…`. */
function isUrl(text: string): boolean {
  return /^([^=]*=)?https?:\/\//i.test(text) && !text.includes('\n');
}

function isRepository(text: string): boolean {
  return /:\/\/|^git::|^gh:|^[\w.-]+@[\w.-]+[:/]|^[a-z0-9-]+(\.[a-z0-9-]+)+[/:]|[?&]ref=/i.test(text);
}

function textsIn(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, field]) => (dataFields.has(key.toLowerCase()) ? [] : textsIn(field)));
}
