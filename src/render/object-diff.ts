import { isJsonObject, type Json, type JsonObject } from '../domain/json.ts';

/** One field that differs; absent on one side means undefined. */
export interface FieldChange {
  /** As people read it: `spec.template.spec.containers[web].image`. */
  path: string;
  before: Json | undefined;
  after: Json | undefined;
}

/** Every field in which two values differ, in the order of the newer one. Lists of named things are matched by name. */
export function diffFields(before: Json | undefined, after: Json | undefined, path = ''): FieldChange[] {
  if (isJsonObject(before) && isJsonObject(after)) return diffObjects(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path);
  return isSame(before, after) ? [] : [{ path: path === '' ? '.' : path, before, after }];
}

/** Whether two values are the same JSON; the order of keys does not count. */
function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

function diffObjects(before: JsonObject, after: JsonObject, path: string): FieldChange[] {
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return [...Object.keys(after), ...removed].flatMap((key) =>
    diffFields(own(before, key), own(after, key), joinKey(path, key)),
  );
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** `spec.replicas`, or `data["a b"]` for what would not read as one name. */
export function joinKey(path: string, key: string): string {
  if (!/^[\w/-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** The fields by which Kubernetes tells the items of its lists apart, the first that all items have. */
const naming: ((item: JsonObject) => string | undefined)[] = [
  (item) => textOf(item.name),
  (item) => textOf(item.containerPort) && [textOf(item.containerPort), textOf(item.protocol)].filter(Boolean).join('/'),
  (item) => textOf(item.port) && [textOf(item.port), textOf(item.protocol)].filter(Boolean).join('/'),
  (item) => textOf(item.mountPath),
  (item) => textOf(item.key),
  (item) => textOf(item.host),
  (item) => textOf(item.path),
];

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function diffLists(before: Json[], after: Json[], path: string): FieldChange[] {
  for (const name of naming) {
    const oldItems = byName(before, name);
    const newItems = byName(after, name);
    if (oldItems !== undefined && newItems !== undefined) return diffNamed(oldItems, newItems, path);
  }
  if (before.every(isPlain) && after.every(isPlain)) return diffPlain(before, after, path);
  const length = Math.max(before.length, after.length);
  return Array.from({ length }, (_, index) => diffFields(before[index], after[index], `${path}[${index}]`)).flat();
}

function byName(items: Json[], name: (item: JsonObject) => string | undefined): Map<string, Json> | undefined {
  const named = new Map<string, Json>();
  for (const item of items) {
    const key = isJsonObject(item) ? name(item) : undefined;
    if (key === undefined || named.has(key)) return undefined;
    named.set(key, item);
  }
  return named;
}

function diffNamed(before: Map<string, Json>, after: Map<string, Json>, path: string): FieldChange[] {
  const names = new Set([...after.keys(), ...before.keys()]);
  const changes = [...names].flatMap((name) => diffFields(before.get(name), after.get(name), `${path}[${name}]`));
  const kept = (items: Map<string, Json>, others: Map<string, Json>) =>
    [...items.keys()].filter((name) => others.has(name));
  const [oldOrder, newOrder] = [kept(before, after), kept(after, before)];
  if (isSame(oldOrder, newOrder)) return changes;
  return [...changes, { path: `${path} (order)`, before: oldOrder, after: newOrder }];
}

function isPlain(value: Json): boolean {
  return typeof value !== 'object' || value === null;
}

/** Items of a list of words (arguments, hosts): what came and what went, each by itself. */
function diffPlain(before: Json[], after: Json[], path: string): FieldChange[] {
  const gone = without(before, after);
  const come = without(after, before);
  if (gone.length === 0 && come.length === 0) {
    return isSame(before, after) ? [] : [{ path: `${path} (order)`, before, after }];
  }
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, index) => ({
    path: `${path}[]`,
    before: gone[index],
    after: come[index],
  }));
}

function without(items: Json[], others: Json[]): Json[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(JSON.stringify(other), (counts.get(JSON.stringify(other)) ?? 0) + 1);
  return items.filter((item) => {
    const key = JSON.stringify(item);
    const left = counts.get(key) ?? 0;
    if (left > 0) counts.set(key, left - 1);
    return left === 0;
  });
}
