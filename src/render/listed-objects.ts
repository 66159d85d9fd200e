import { isJsonObject, type Json, type JsonObject } from '../domain/json.ts';
import { dereference, type YamlNode } from './yaml/node.ts';

/** What is to become of a `kind: List` or a typed list: CLM refuses them in templates, kubectl and helm take them apart. */
export type ListHandling = 'lists refused' | 'lists taken apart';

/** A value of a text and the node that it was read from. */
export interface ObjectNode {
  value: Json;
  node: YamlNode;
}

/** The items of a list, of lists in it too; of anything else itself. */
export function* listedObjects(read: ObjectNode, lists: ListHandling): Generator<ObjectNode> {
  const { value, node } = read;
  if (lists === 'lists refused' || !isList(value)) {
    yield read;
    return;
  }
  const nodes = itemNodes(node);
  for (const [index, item] of value.items.entries()) {
    yield* listedObjects({ value: withType(item, value), node: nodes[index] ?? node }, lists);
  }
}

type List = JsonObject & { kind: string; items: Json[] };

/** An object may be of a kind that is called so, e.g. `AllowList`; only a list has no name. */
export function isList(value: Json): value is List {
  if (!isJsonObject(value) || typeof value.kind !== 'string' || !value.kind.endsWith('List')) return false;
  const name = isJsonObject(value.metadata) ? value.metadata.name : undefined;
  return Array.isArray(value.items) && (name === undefined || name === null || name === '');
}

/** As API servers do, items of a typed list say their type only where it is another one. */
function withType(item: Json, { apiVersion, kind }: List): Json {
  const itemKind = kind.slice(0, -'List'.length);
  if (!isJsonObject(item) || itemKind === '') return item;
  return {
    ...item,
    apiVersion: item.apiVersion || apiVersion || '',
    kind: item.kind || itemKind,
  };
}

/** None where `items` comes from a merged mapping. */
function itemNodes(node: YamlNode): YamlNode[] {
  const list = dereference(node);
  if (list.kind !== 'mapping') return [];
  const keyAt = list.items.findLastIndex(
    (key, index) => index % 2 === 0 && key.kind === 'scalar' && key.value === 'items',
  );
  const value = keyAt === -1 ? undefined : list.items[keyAt + 1];
  const items = value === undefined ? undefined : dereference(value);
  return items?.kind === 'sequence' ? items.items : [];
}
