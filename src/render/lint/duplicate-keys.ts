import { joinKey } from '../object-diff.ts';
import { dereference, type MappingNode, type YamlNode } from '../yaml/node.ts';
import { isMergeKey, resolveScalar } from '../yaml/value.ts';

/** A key that a mapping has more than once. */
export interface DuplicateKey {
  /** As people read it: `spec.template.spec.containers[0].env`. */
  path: string;
  /** Where it stands each time; the last one holds. */
  keys: YamlNode[];
}

/** All keys of a document that stand more than once in their mapping, in whatever spelling. What `<<` brings may be overridden. */
export function duplicateKeys(text: string, root: YamlNode): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  const visit = (node: YamlNode, path: string): void => {
    if (node.kind === 'sequence') node.items.forEach((item, index) => void visit(item, `${path}[${index}]`));
    if (node.kind !== 'mapping') return;
    for (const [name, entries] of entriesOf(text, node)) {
      const below = joinKey(path, name);
      if (entries.length > 1) found.push({ path: below, keys: entries.map(({ key }) => key) });
      for (const { value } of entries) visit(value, below);
    }
    // Of a merged mapping that is written in place, too.
    for (const merged of mergedInPlace(node)) visit(merged, path);
  };
  visit(root, '');
  return found;
}

interface Entry {
  key: YamlNode;
  value: YamlNode;
}

/** By the name that a key has in JSON: `1`, `"1"` and `0x1` are one there. */
function entriesOf(text: string, { items }: MappingNode): Map<string, Entry[]> {
  const entries = new Map<string, Entry[]>();
  for (let index = 0; index + 1 < items.length; index += 2) {
    const [key, value] = [items[index], items[index + 1]];
    if (key === undefined || value === undefined || isMergeKey(key)) continue;
    const scalar = dereference(key);
    if (scalar.kind !== 'scalar') continue;
    const name = String(resolveScalar(text, scalar).value);
    entries.set(name, [...(entries.get(name) ?? []), { key, value }]);
  }
  return entries;
}

function mergedInPlace({ items }: MappingNode): YamlNode[] {
  return items.flatMap((value, index) => {
    const key = index % 2 === 1 ? items[index - 1] : undefined;
    if (key === undefined || !isMergeKey(key)) return [];
    return value.kind === 'sequence' ? value.items : [value];
  });
}
