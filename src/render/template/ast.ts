import type { ByteString } from './byte-string.ts';
import type { Value } from './go-value.ts';
import { quote } from './quote.ts';

/** An expression; `pos` is the byte offset that errors are reported at. */
export type Node =
  | BoolNode
  | StringNode
  | NumberNode
  | NilNode
  | DotNode
  | FieldNode
  | VariableNode
  | IdentifierNode
  | ChainNode
  | PipeNode;

export interface BoolNode {
  readonly kind: 'bool';
  readonly pos: number;
  readonly value: boolean;
}

export interface StringNode {
  readonly kind: 'string';
  readonly pos: number;
  readonly quoted: ByteString;
  readonly value: ByteString;
}

/** A number as every type that can hold it. */
export interface NumberNode {
  readonly kind: 'number';
  readonly pos: number;
  readonly text: ByteString;
  readonly integer: bigint | undefined;
  readonly unsigned: bigint | undefined;
  readonly float: number | undefined;
  readonly complex: Value;
  /** Its value where no type is asked for; undefined for an int that is too large. */
  readonly ideal: Value;
}

export interface NilNode {
  readonly kind: 'nil';
  readonly pos: number;
}

export interface DotNode {
  readonly kind: 'dot';
  readonly pos: number;
}

/** `.A.B` */
export interface FieldNode {
  readonly kind: 'field';
  readonly pos: number;
  readonly path: readonly ByteString[];
}

/** `$a.B`; `name` has its dollar sign. */
export interface VariableNode {
  readonly kind: 'variable';
  readonly pos: number;
  readonly name: ByteString;
  readonly path: readonly ByteString[];
}

/** The name of a function. */
export interface IdentifierNode {
  readonly kind: 'identifier';
  readonly pos: number;
  readonly name: ByteString;
}

/** `(pipeline).A.B` */
export interface ChainNode {
  readonly kind: 'chain';
  readonly pos: number;
  readonly node: Node;
  readonly path: readonly ByteString[];
}

export interface PipeNode {
  readonly kind: 'pipe';
  readonly pos: number;
  readonly assigns: boolean;
  /** Variables that are declared or assigned, with their dollar signs. */
  readonly variables: readonly ByteString[];
  readonly commands: readonly CommandNode[];
}

/** An operand and its arguments; never empty. */
export interface CommandNode {
  readonly kind: 'command';
  readonly pos: number;
  readonly first: Node;
  readonly rest: readonly Node[];
}

/** `{{template "name" pipeline}}` */
export interface TemplateCallNode {
  readonly kind: 'template';
  readonly pos: number;
  readonly name: ByteString;
  readonly pipe: PipeNode | undefined;
}

/** A node as Go's messages show it. */
export function describeNode(node: Node | CommandNode | TemplateCallNode): ByteString {
  switch (node.kind) {
    case 'bool':
      return String(node.value);
    case 'string':
      return node.quoted;
    case 'number':
      return node.text;
    case 'nil':
      return 'nil';
    case 'dot':
      return '.';
    case 'field':
      return `.${node.path.join('.')}`;
    case 'variable':
      return [node.name, ...node.path].join('.');
    case 'identifier':
      return node.name;
    case 'chain':
      return [describeOperand(node.node), ...node.path].join('.');
    case 'pipe':
      return describePipe(node);
    case 'command':
      return [node.first, ...node.rest].map(describeOperand).join(' ');
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === undefined ? '' : ` ${describePipe(node.pipe)}`}}}`;
  }
}

function describeOperand(node: Node): ByteString {
  return node.kind === 'pipe' ? `(${describePipe(node)})` : describeNode(node);
}

function describePipe(pipe: PipeNode): ByteString {
  const declaration = pipe.variables.length === 0 ? '' : `${pipe.variables.join(', ')} ${pipe.assigns ? '=' : ':='} `;
  return declaration + pipe.commands.map(describeNode).join(' | ');
}
