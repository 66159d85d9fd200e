import { YamlError } from './error.ts';
import { type DirectNode, dereference, placeOf, type YamlNode } from './node.ts';
import { describe } from './string-map.ts';
import { binaryTag, isMergeKey, resolveScalar } from './value.ts';

type Fields = ReadonlyMap<string, YamlNode>;

/** A file has far fewer; an alias bomb has more. */
const maxFields = 1_000_000;

/**
 * Reads a YAML document as Go reads it into structs: scalars become strings as they stand, what doesn't fit is collected.
 * Strict: no unknown field, and none twice. Call `finish` at the end.
 */
export class YamlFields {
  readonly #text: string;
  readonly #strict: boolean;
  readonly #faults: { line: string; node: YamlNode }[] = [];
  #count = 0;

  constructor(text: string, options: { strict: boolean }) {
    this.#text = text;
    this.#strict = options.strict;
  }

  /** Throws a YamlError with all that did not fit. */
  finish(): void {
    const [first] = this.#faults;
    if (first === undefined) return;
    const lines = this.#faults.map((fault) => fault.line).join('\n  ');
    throw new YamlError(`yaml: unmarshal errors:\n  ${lines}`, placeOf(this.#text, first.node));
  }

  /** The values of a mapping by the struct's fields. `type` is the struct's name in Go. */
  fields(node: YamlNode | undefined, type: string, known: readonly string[]): Fields {
    const found = new Map<string, YamlNode>();
    const mapping = this.#given(node);
    if (mapping === undefined) return found;
    if (mapping.kind === 'mapping') this.#addFields(mapping, found, { type, known, open: new Set() });
    else this.#refuse(mapping, type);
    return found;
  }

  /** The items of a list. */
  items(node: YamlNode | undefined, type: string): YamlNode[] {
    const list = this.#given(node);
    if (list === undefined) return [];
    if (list.kind === 'sequence') return list.items;
    this.#refuse(list, type);
    return [];
  }

  string(node: YamlNode | undefined): string {
    const scalar = this.#given(node);
    if (scalar === undefined) return '';
    if (scalar.kind !== 'scalar') {
      this.#refuse(scalar, 'string');
      return '';
    }
    return scalar.tag === binaryTag ? String(resolveScalar(this.#text, scalar).value) : scalar.value;
  }

  /** Undefined where there is none. */
  boolean(node: YamlNode | undefined): boolean | undefined {
    const scalar = this.#given(node);
    if (scalar === undefined) return undefined;
    const resolved = scalar.kind === 'scalar' ? resolveScalar(this.#text, scalar) : undefined;
    if (resolved?.type === 'bool') return resolved.value;
    this.#refuse(scalar, 'bool');
    return undefined;
  }

  /** Undefined where there is none. */
  integer(node: YamlNode | undefined, type: 'int' | 'int64'): number | undefined {
    const scalar = this.#given(node);
    if (scalar === undefined) return undefined;
    const resolved = scalar.kind === 'scalar' ? resolveScalar(this.#text, scalar) : undefined;
    const value =
      resolved?.type === 'int' || resolved?.type === 'float' ? Math.trunc(Number(resolved.value)) : undefined;
    if (Number.isSafeInteger(value)) return value;
    this.#refuse(scalar, type);
    return undefined;
  }

  strings(node: YamlNode | undefined): Record<string, string> {
    const mapping = this.#given(node);
    const entries: [string, string][] = [];
    if (mapping !== undefined && mapping.kind !== 'mapping') this.#refuse(mapping, 'map[string]string');
    const items = mapping?.kind === 'mapping' ? mapping.items : [];
    for (let index = 0; index + 1 < items.length; index += 2) {
      entries.push([this.string(items[index]), this.string(items[index + 1])]);
    }
    return Object.fromEntries(entries);
  }

  #addFields(
    { items }: Extract<YamlNode, { kind: 'mapping' }>,
    into: Map<string, YamlNode>,
    struct: { type: string; known: readonly string[]; open: Set<YamlNode> },
  ): void {
    const seen = new Set<string>();
    for (let index = 0; index + 1 < items.length; index += 2) {
      const [key, value] = [items[index], items[index + 1]];
      if (key === undefined || value === undefined) return;
      if (++this.#count > maxFields) throw this.#fault(key, 'document contains excessive aliasing');
      if (isMergeKey(key)) {
        this.#merge(value, into, struct);
        continue;
      }
      const name = this.string(key);
      if (struct.known.includes(name)) {
        if (this.#strict && seen.has(name)) this.#note(key, `field ${name} already set in type ${struct.type}`);
        into.set(name, value);
        seen.add(name);
      } else if (this.#strict) {
        this.#note(key, `field ${name} not found in type ${struct.type}`);
      }
    }
  }

  #merge(
    value: YamlNode,
    into: Map<string, YamlNode>,
    struct: { type: string; known: readonly string[]; open: Set<YamlNode> },
  ): void {
    for (const source of value.kind === 'sequence' ? value.items.toReversed() : [value]) {
      const mapping = dereference(source);
      if (mapping.kind !== 'mapping') {
        throw this.#fault(source, 'map merge requires map or sequence of maps as the value');
      }
      if (struct.open.has(mapping)) throw this.#fault(source, 'a merged map contains itself');
      struct.open.add(mapping);
      this.#addFields(mapping, into, struct);
      struct.open.delete(mapping);
    }
  }

  /** Undefined for a null, as for what isn't there. */
  #given(node: YamlNode | undefined): DirectNode | undefined {
    if (node === undefined) return undefined;
    const direct = dereference(node);
    const isNull = direct.kind === 'scalar' && resolveScalar(this.#text, direct).type === 'null';
    return isNull ? undefined : direct;
  }

  #refuse(node: DirectNode, into: string): void {
    this.#note(node, `cannot unmarshal ${describe(this.#text, node)} into ${into}`);
  }

  #note(node: YamlNode, what: string): void {
    this.#faults.push({ line: `line ${node.line}: ${what}`, node });
  }

  #fault(node: YamlNode, message: string): YamlError {
    return new YamlError(`yaml: ${message}`, placeOf(this.#text, node));
  }
}
