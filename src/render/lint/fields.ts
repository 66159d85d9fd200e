import { isJsonObject, type Json } from '../../domain/json.ts';
import type { KubernetesObject } from '../../domain/manifest.ts';
import type { FieldPath } from './finding.ts';

/** A value of an object with its path from the object's root. */
export interface Field {
  path: FieldPath;
  value: Json;
}

/** The object as a field. */
export function wholeOf(object: KubernetesObject): Field {
  return { path: [], value: isJsonObject(object) ? object : {} };
}

/** The field below, where there is one. */
export function below(field: Field | undefined, ...steps: string[]): Field | undefined {
  let found = field;
  for (const step of steps) {
    if (found === undefined || !isJsonObject(found.value) || !Object.hasOwn(found.value, step)) return undefined;
    const value = found.value[step];
    if (value === undefined || value === null) return undefined;
    found = { path: [...found.path, step], value };
  }
  return found;
}

/** The items of a list below; none where there is no list. */
export function itemsBelow(field: Field | undefined, ...steps: string[]): Field[] {
  const list = below(field, ...steps);
  if (list === undefined || !Array.isArray(list.value)) return [];
  return list.value.map((value, index) => ({ path: [...list.path, index], value }));
}

/** The text below; undefined where there is none, or an empty one. */
export function textBelow(field: Field | undefined, ...steps: string[]): string | undefined {
  const value = below(field, ...steps)?.value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Names and texts of a map below. What is no text is left out. */
export function textsBelow(field: Field | undefined, ...steps: string[]): Map<string, string> {
  const value = below(field, ...steps)?.value;
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  return new Map(entries.flatMap(([key, text]) => (typeof text === 'string' ? [[key, text] as const] : [])));
}
