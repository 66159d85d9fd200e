import { isJsonObject, type JsonObject } from '../domain/json.ts';

/** Two versions of a Secret without the keys whose value is the same, whether in `data` or in `stringData`. */
export function withoutSameValues(before: JsonObject, after: JsonObject): [JsonObject, JsonObject] {
  const [old, current] = [valuesOf(before), valuesOf(after)];
  const same = new Set([...old].flatMap(([key, value]) => (current.get(key) === value ? [key] : [])));
  return [without(before, same), without(after, same)];
}

/** In base64, as the API server keeps them: `stringData` is written over `data`. */
function valuesOf({ data, stringData }: JsonObject): Map<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(isJsonObject(data) ? data : {})) {
    if (typeof value === 'string') values.set(key, withoutLineBreaks(value));
  }
  for (const [key, value] of Object.entries(isJsonObject(stringData) ? stringData : {})) {
    if (typeof value === 'string') values.set(key, Buffer.from(value).toString('base64'));
  }
  return values;
}

/** Go's decoder passes over them. */
function withoutLineBreaks(text: string): string {
  return text.replaceAll(/[\r\n]/g, '');
}

function without(secret: JsonObject, keys: ReadonlySet<string>): JsonObject {
  const kept: JsonObject = {};
  for (const [field, value] of Object.entries(secret)) {
    if ((field !== 'data' && field !== 'stringData') || !isJsonObject(value)) kept[field] = value;
    else {
      const entries = Object.entries(value).filter(([key]) => !keys.has(key));
      if (entries.length > 0) kept[field] = Object.fromEntries(entries);
    }
  }
  return kept;
}
