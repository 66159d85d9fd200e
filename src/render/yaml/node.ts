/** One node of a YAML document, before any scalar was given a meaning. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

/** One that stands for itself. */
export type DirectNode = Exclude<YamlNode, AliasNode>;

/** Where a node begins: an offset into the text, and a line from 1. */
interface Start {
  offset: number;
  line: number;
}

export interface ScalarNode extends Start {
  kind: 'scalar';
  /** In full, `tag:yaml.org,2002:str`, or ``. */
  tag: string;
  value: string;
  /** Whether it stands without quotes, so that its text decides what it is. */
  plain: boolean;
}

export interface SequenceNode extends Start {
  kind: 'sequence';
  items: YamlNode[];
}

export interface MappingNode extends Start {
  kind: 'mapping';
  /** Key, value, key, value, … as they stand. */
  items: YamlNode[];
}

export interface AliasNode extends Start {
  kind: 'alias';
  name: string;
  target: YamlNode;
}

/** Line and column, from 1, of a node. */
export function placeOf(text: string, node: Start): { line: number; column: number } {
  return { line: node.line, column: node.offset - text.lastIndexOf('\n', node.offset - 1) };
}

/** What an alias stands for, however often it is one of an alias. */
export function dereference(node: YamlNode): DirectNode {
  let current = node;
  while (current.kind === 'alias') current = current.target;
  return current;
}
