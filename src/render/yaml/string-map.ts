import { bytesOf, textOf } from '../template/byte-string.ts';
import { YamlError } from './error.ts';
import { type DirectNode, dereference, placeOf, type YamlNode } from './node.ts';
import { parseFirstYaml } from './parser.ts';
import { isTimestamp } from './timestamp.ts';
import { binaryTag, isMergeKey, resolveScalar, shortTag } from './value.ts';

/**
 * A YAML text read as Go reads it into a `map[string]string`: scalars keep their text (`0x10`, `1e3`, `yes`), null is "".
 * Only the first document counts. Throws YamlError with one line per value that is no scalar.
 */
export function readStringMap(text: string): Map<string, string> {
  const root = parseFirstYaml(text);
  return root === undefined ? new Map() : new StringMapReader(text).read(root);
}

/** A defaults file has far fewer; an alias bomb has more. */
const maxMerges = 10_000;

class StringMapReader {
  readonly #text: string;
  readonly #entries = new Map<string, string>();
  readonly #faults: { line: string; node: YamlNode }[] = [];
  readonly #open = new Set<YamlNode>();
  #merges = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(root: YamlNode): Map<string, string> {
    const map = dereference(root);
    if (map.kind === 'mapping') this.#readEntries(map);
    else if (map.kind !== 'scalar' || resolveScalar(this.#text, map).type !== 'null')
      this.#refuse(map, 'map[string]string');
    const [first] = this.#faults;
    if (first === undefined) return this.#entries;
    const lines = this.#faults.map((fault) => fault.line).join('\n  ');
    throw new YamlError(`yaml: unmarshal errors:\n  ${lines}`, placeOf(this.#text, first.node));
  }

  #readEntries({ items }: Extract<YamlNode, { kind: 'mapping' }>): void {
    for (let index = 0; index + 1 < items.length; index += 2) {
      const [keyNode, valueNode] = [items[index], items[index + 1]];
      if (keyNode === undefined || valueNode === undefined) return;
      if (isMergeKey(keyNode)) {
        this.#merge(valueNode);
        continue;
      }
      const key = this.#readString(keyNode);
      const value = key === undefined ? undefined : this.#readString(valueNode);
      if (key !== undefined && value !== undefined) this.#entries.set(key, value);
    }
  }

  #merge(value: YamlNode): void {
    for (const source of value.kind === 'sequence' ? value.items.toReversed() : [value]) {
      const map = dereference(source);
      if (map.kind !== 'mapping') throw this.#fault(source, 'map merge requires map or sequence of maps as the value');
      if (this.#open.has(map)) {
        const name = source.kind === 'alias' ? source.name : '';
        throw this.#fault(source, `anchor '${name}' value contains itself`);
      }
      if (++this.#merges > maxMerges) throw this.#fault(source, 'document contains excessive aliasing');
      this.#open.add(map);
      this.#readEntries(map);
      this.#open.delete(map);
    }
  }

  #readString(node: YamlNode): string | undefined {
    const target = dereference(node);
    if (target.kind !== 'scalar') {
      this.#refuse(target, 'string');
      return undefined;
    }
    const resolved = resolveScalar(this.#text, target);
    if (resolved.type === 'null') return '';
    return target.tag === binaryTag ? String(resolved.value) : target.value;
  }

  #refuse(node: DirectNode, into: string): void {
    this.#faults.push({ line: `line ${node.line}: cannot unmarshal ${describe(this.#text, node)} into ${into}`, node });
  }

  #fault(node: YamlNode, message: string): YamlError {
    return new YamlError(`yaml: ${message}`, placeOf(this.#text, node));
  }
}

/** The value as Go's messages show it. */
export function describe(text: string, node: DirectNode): string {
  if (node.kind === 'mapping') return '!!map';
  if (node.kind === 'sequence') return '!!seq';
  const isDate = node.plain && isTimestamp(node.value);
  const tag = isDate ? '!!timestamp' : node.tag === '' ? `!!${resolveScalar(text, node).type}` : shortTag(node.tag);
  return tag === '!!map' || tag === '!!seq' ? tag + node.value : `${tag} \`${shorten(node.value)}\``;
}

/** At most ten bytes. */
export function shorten(value: string): string {
  const bytes = bytesOf(value);
  return bytes.length > 10 ? `${textOf(bytes.slice(0, 7))}...` : value;
}
