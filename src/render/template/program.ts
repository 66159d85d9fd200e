import type { PipeNode, TemplateCallNode } from './ast.ts';
import type { ByteString } from './byte-string.ts';

/**
 * What a template does, in a row: control structures are jumps, so that neither deep nesting nor recursion needs a stack of
 * the machine. Each if, with and range opens a scope, which `leave` closes; numbers are indexes in the program.
 */
export type Instruction =
  | { readonly op: 'text'; readonly text: ByteString }
  | { readonly op: 'action'; readonly pipe: PipeNode }
  | { readonly op: 'branch'; readonly setsDot: boolean; readonly pipe: PipeNode; otherwise: number }
  | { readonly op: 'range'; readonly pipe: PipeNode; otherwise: number }
  | { readonly op: 'next'; readonly body: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'leave' }
  | { readonly op: 'call'; readonly node: TemplateCallNode }
  /** Out of inner scopes, of which `depth` remain, to the end or the next round of a range. */
  | { readonly op: 'unwind'; readonly depth: number; to: number };

/** One named template of a file. */
export interface Tree {
  readonly name: ByteString;
  readonly program: readonly Instruction[];
  /** Whether there is nothing but space and comments. */
  readonly isEmpty: boolean;
}
