import { lineOf } from './cursor.ts';
import { YamlError } from './error.ts';
import { type MappingNode, placeOf, type ScalarNode, type SequenceNode, type YamlNode } from './node.ts';
import { YamlScanner } from './scanner.ts';
import { forbiddenAt } from './text.ts';
import type { Token, TokenKind } from './token.ts';

/** Far more than a manifest file has, in characters; what is read of it takes a hundred times as much memory. */
export const maxYamlLength = 8 * 1024 * 1024;

/** The documents of a text, one by one; an empty one is a null scalar. Throws YamlError, worded as Go's yaml.v2 does. */
export function* parseYaml(text: string): Generator<YamlNode, void> {
  if (text.length > maxYamlLength) {
    throw new YamlError(`yaml: the text has ${text.length} characters, the limit is ${maxYamlLength}`, { line: 1 });
  }
  const offset = forbiddenAt(text);
  if (offset !== undefined) {
    const line = text.slice(0, offset).split('\n').length;
    throw new YamlError('yaml: control characters are not allowed', placeOf(text, { offset, line }));
  }
  yield* new YamlParser(text).documents();
}

/** The first document only: what follows is not even looked at. Undefined if there is none. */
export function parseFirstYaml(text: string): YamlNode | undefined {
  for (const document of parseYaml(text)) return document;
  return undefined;
}

const defaultHandles = new Map([
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
]);

/** Makes nodes of the scanner's tokens: YAML's grammar, with what libyaml allows besides. */
class YamlParser {
  readonly #text: string;
  readonly #scanner: YamlScanner;
  #anchors = new Map<string, YamlNode>();
  #handles = new Map<string, string>();

  constructor(text: string) {
    this.#text = text;
    this.#scanner = new YamlScanner(text);
  }

  *documents(): Generator<YamlNode, void> {
    for (let first = true; ; first = false) {
      while (!first && this.#at('document-end')) this.#scanner.take();
      if (this.#at('stream-end')) return;
      const explicit = !first || this.#at('directive', 'document-start');
      this.#readDirectives();
      if (explicit) {
        if (!this.#at('document-start')) throw this.#fault('did not find expected <document start>');
        this.#scanner.take();
      }
      this.#anchors = new Map();
      const empty = explicit && this.#at('directive', 'document-start', 'document-end', 'stream-end');
      const root = empty ? this.#emptyScalar() : this.#node('block');
      if (this.#at('document-end')) {
        this.#scanner.take();
      } else if (!this.#at('document-start', 'directive', 'stream-end')) {
        yield root;
        throw this.#fault('did not find expected <document start>');
      }
      yield root;
    }
  }

  #at(a: TokenKind, b: TokenKind = a, c: TokenKind = a, d: TokenKind = a): boolean {
    const { kind } = this.#scanner.peek();
    return kind === a || kind === b || kind === c || kind === d;
  }

  #readDirectives(): void {
    const handles = new Map<string, string>();
    let version = false;
    for (; this.#at('directive'); this.#scanner.take()) {
      const { directive } = this.#scanner.peek();
      if (directive?.kind === 'version') {
        if (version) throw this.#fault('found duplicate %YAML directive');
        if (directive.major !== 1 || directive.minor !== 1) throw this.#fault('found incompatible YAML document');
        version = true;
      } else if (directive !== undefined) {
        if (handles.has(directive.handle)) throw this.#fault('found duplicate %TAG directive');
        handles.set(directive.handle, directive.prefix);
      }
    }
    this.#handles = new Map([...defaultHandles, ...handles]);
  }

  #node(context: 'block' | 'block-or-indentless' | 'flow'): YamlNode {
    const start = this.#scanner.peek();
    if (start.kind === 'alias') return this.#alias(this.#scanner.take());
    const { anchor, tag } = this.#properties(start);
    const node = this.#content(context, start, tag, anchor !== undefined || tag !== '');
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    if (node.kind !== 'scalar') this.#fill(node, context);
    return node;
  }

  #alias(token: Token): YamlNode {
    const { value: name, offset, line } = token;
    const target = this.#anchors.get(name);
    if (target === undefined) {
      throw new YamlError(`yaml: unknown anchor '${name}' referenced`, placeOf(this.#text, { offset, line: line + 1 }));
    }
    return { kind: 'alias', offset, line: line + 1, name, target };
  }

  #properties(start: Token): { anchor: string | undefined; tag: string } {
    let anchor: string | undefined;
    let tagToken: Token | undefined;
    const take = (kind: 'anchor' | 'tag') => {
      if (!this.#at(kind)) return;
      const token = this.#scanner.take();
      if (kind === 'anchor') anchor = token.value;
      else tagToken = token;
    };
    const order = start.kind === 'anchor' ? (['anchor', 'tag'] as const) : (['tag', 'anchor'] as const);
    if (start.kind === 'anchor' || start.kind === 'tag') order.forEach(take);
    // Go's package looks at what comes next first, and so reports its faults before those of the tag.
    this.#scanner.peek();
    return { anchor, tag: tagToken === undefined ? '' : this.#fullTag(tagToken, start) };
  }

  #fullTag({ tag, line, offset }: Token, context: Token): string {
    const { handle = '', suffix = '' } = tag ?? {};
    if (handle === '') return suffix;
    const prefix = this.#handles.get(handle);
    if (prefix !== undefined) return prefix + suffix;
    throw this.#fault('found undefined tag handle', context, { line, offset });
  }

  /** The node without its items. */
  #content(
    context: 'block' | 'block-or-indentless' | 'flow',
    start: Token,
    tag: string,
    hasProperties: boolean,
  ): Exclude<YamlNode, { kind: 'alias' }> {
    const token = this.#scanner.peek();
    const at = { offset: start.offset, line: start.line + 1 };
    const block = context !== 'flow';
    switch (token.kind) {
      case 'plain':
      case 'quoted': {
        this.#scanner.take();
        const plain = (tag === '' && token.kind === 'plain') || tag === '!';
        return { kind: 'scalar', ...at, tag, value: token.value, plain };
      }
      case 'flow-sequence-start':
        return { kind: 'sequence', ...at, items: [] };
      case 'flow-mapping-start':
        return { kind: 'mapping', ...at, items: [] };
      case 'block-sequence-start':
        if (block) return { kind: 'sequence', ...at, items: [] };
        break;
      case 'block-mapping-start':
        if (block) return { kind: 'mapping', ...at, items: [] };
        break;
      case 'block-entry':
        if (context === 'block-or-indentless') return { kind: 'sequence', ...at, items: [] };
        break;
    }
    if (hasProperties) return { kind: 'scalar', ...at, tag, value: '', plain: tag === '' };
    throw this.#fault('did not find expected node content', start);
  }

  #fill(node: SequenceNode | MappingNode, context: 'block' | 'block-or-indentless' | 'flow'): void {
    if (this.#at('block-entry') && context === 'block-or-indentless') {
      this.#indentlessSequence(node.items);
      return;
    }
    const start = this.#scanner.take();
    if (start.kind === 'flow-sequence-start') this.#flowSequence(node.items, start);
    else if (start.kind === 'flow-mapping-start') this.#flowMapping(node.items, start);
    else if (start.kind === 'block-sequence-start') this.#blockSequence(node.items, start);
    else this.#blockMapping(node.items, start);
  }

  #blockSequence(items: YamlNode[], start: Token): void {
    while (this.#at('block-entry')) {
      this.#scanner.take();
      items.push(this.#at('block-entry', 'block-end') ? this.#emptyScalar() : this.#node('block'));
    }
    if (!this.#at('block-end')) throw this.#fault("did not find expected '-' indicator", start);
    this.#scanner.take();
  }

  #indentlessSequence(items: YamlNode[]): void {
    while (this.#at('block-entry')) {
      this.#scanner.take();
      items.push(this.#at('block-entry', 'key', 'value', 'block-end') ? this.#emptyScalar() : this.#node('block'));
    }
  }

  #blockMapping(items: YamlNode[], start: Token): void {
    for (;;) {
      if (this.#at('key')) {
        this.#scanner.take();
        items.push(this.#blockMappingNode());
      } else if (this.#at('block-end')) {
        this.#scanner.take();
        return;
      } else {
        throw this.#fault('did not find expected key', start);
      }
      if (this.#at('value')) {
        this.#scanner.take();
        items.push(this.#blockMappingNode());
      } else {
        items.push(this.#emptyScalar());
      }
    }
  }

  #blockMappingNode(): YamlNode {
    return this.#at('key', 'value', 'block-end') ? this.#emptyScalar() : this.#node('block-or-indentless');
  }

  #flowSequence(items: YamlNode[], start: Token): void {
    for (let first = true; !this.#at('flow-sequence-end'); first = false) {
      if (!first) {
        if (!this.#at('flow-entry')) throw this.#fault("did not find expected ',' or ']'", start);
        this.#scanner.take();
        if (this.#at('flow-sequence-end')) break;
      }
      if (this.#at('key')) items.push(this.#flowPair(this.#scanner.take()));
      else items.push(this.#node('flow'));
    }
    this.#scanner.take();
  }

  /** `[a: b]` is a list with a map of one entry. */
  #flowPair({ offset, line }: Token): YamlNode {
    const items: YamlNode[] = [];
    if (this.#at('value', 'flow-entry', 'flow-sequence-end')) {
      items.push(this.#emptyScalar());
      this.#scanner.take();
    } else {
      items.push(this.#node('flow'));
    }
    items.push(this.#flowValue('flow-sequence-end'));
    return { kind: 'mapping', offset, line: line + 1, items };
  }

  #flowMapping(items: YamlNode[], start: Token): void {
    for (let first = true; !this.#at('flow-mapping-end'); first = false) {
      if (!first) {
        if (!this.#at('flow-entry')) throw this.#fault("did not find expected ',' or '}'", start);
        this.#scanner.take();
        if (this.#at('flow-mapping-end')) break;
      }
      if (this.#at('key')) {
        this.#scanner.take();
        items.push(this.#at('value', 'flow-entry', 'flow-mapping-end') ? this.#emptyScalar() : this.#node('flow'));
        items.push(this.#flowValue('flow-mapping-end'));
      } else {
        items.push(this.#node('flow'), this.#emptyScalar());
      }
    }
    this.#scanner.take();
  }

  #flowValue(end: 'flow-sequence-end' | 'flow-mapping-end'): YamlNode {
    if (!this.#at('value')) return this.#emptyScalar();
    this.#scanner.take();
    return this.#at('flow-entry', end) ? this.#emptyScalar() : this.#node('flow');
  }

  #emptyScalar(): ScalarNode {
    const { offset, line } = this.#scanner.peek();
    return { kind: 'scalar', offset, line: line + 1, tag: '', value: '', plain: true };
  }

  /** Go's package counts the lines of the parser's faults from 0. */
  #fault(
    problem: string,
    context: { line: number } = { line: 0 },
    at: { line: number; offset: number } = this.#scanner.peek(),
  ): YamlError {
    const shown = lineOf(at.line > 0 ? at.line : context.line);
    return new YamlError(`yaml: ${shown}${problem}`, placeOf(this.#text, { offset: at.offset, line: at.line + 1 }));
  }
}
