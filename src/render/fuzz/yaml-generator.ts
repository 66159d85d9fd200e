import type { Random } from '../template/fuzz/random.ts';
import { comments, headers, keys, lines, noise, quoted, scalars, tags } from './yaml-words.ts';

/** Makes YAML texts of every kind, mostly right. */
export class YamlGenerator {
  readonly #random: Random;
  #anchors: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  generate(): string {
    const documents = [this.#document(), ...this.#random.list(this.#random.chance(0.2) ? 3 : 0, () => this.#next())];
    let text = documents.join('');
    if (this.#random.chance(0.05)) text = text.replaceAll('\n', this.#random.pick(['\r\n', '\r']));
    if (this.#random.chance(0.02)) text = `\ufeff${text}`;
    const damages = this.#random.chance(0.35) ? 1 + this.#random.below(3) : 0;
    for (let i = 0; i < damages; i++) text = this.#damaged(text);
    return text;
  }

  /** A map with scalars, mostly, as config-defaults are. */
  generateDefaults(): string {
    if (this.#random.chance(0.15)) return this.generate();
    const entries = Array.from({ length: 1 + this.#random.below(5) }, () => {
      const value = this.#random.chance(0.9) ? this.#scalar('  ') : this.#node(2, '  ');
      return `${this.#key()}: ${value}\n`;
    });
    const text = entries.join('');
    return this.#random.chance(0.15) ? this.#damaged(text) : text;
  }

  #damaged(text: string): string {
    const at = this.#random.below(text.length + 1);
    const insert = this.#random.chance(0.75) ? this.#random.pick(noise) : '';
    return text.slice(0, at) + insert + text.slice(at + (this.#random.chance(0.5) ? this.#random.below(4) : 0));
  }

  #document(): string {
    this.#anchors = [];
    const start = this.#random.pick([
      '',
      '',
      '',
      '---\n',
      '--- ',
      '# c\n',
      '%YAML 1.1\n---\n',
      '%TAG !e! tag:x,2000:\n---\n',
    ]);
    return `${start}${this.#block(3, '')}`;
  }

  #next(): string {
    return this.#random.pick(['---\n', '---\n', '--- # c\n', '...\n', '...\n---\n', '---\n---\n']) + this.#block(2, '');
  }

  /** Lines, each ended. */
  #block(depth: number, indent: string): string {
    const kind = this.#random.below(10);
    if (depth <= 0 || kind === 0) return `${this.#scalar(`${indent} `)}${this.#comment()}\n`;
    const count = 1 + this.#random.below(4);
    const entry = kind < 7 ? () => this.#mapEntry(depth, indent) : () => this.#listEntry(depth, indent);
    return Array.from({ length: count }, entry).join(this.#random.chance(0.05) ? '\n' : '');
  }

  #mapEntry(depth: number, indent: string): string {
    if (this.#random.chance(0.08)) return `${indent}<<: ${this.#merged()}\n`;
    if (this.#random.chance(0.05)) return this.#explicitEntry(depth, indent);
    return `${indent}${this.#key()}${this.#random.pick([':', ':', ':', ' :'])}${this.#value(depth - 1, indent)}`;
  }

  #explicitEntry(depth: number, indent: string): string {
    const value = this.#random.chance(0.8) ? `${indent}:${this.#value(depth - 1, indent)}` : '';
    return `${indent}?${this.#value(depth - 1, indent)}${value}`;
  }

  #listEntry(depth: number, indent: string): string {
    if (this.#random.chance(0.3)) return `${indent}- ${this.#block(depth - 1, `${indent}  `).trimStart()}`;
    return `${indent}-${this.#value(depth - 1, indent)}`;
  }

  /** What comes after `key:` or `-`, to the end of its last line. */
  #value(depth: number, indent: string): string {
    const deeper = indent + this.#random.pick(['  ', '  ', ' ', '    ']);
    const kind = this.#random.below(10);
    if (kind < 4 || depth <= 0) return ` ${this.#scalar(deeper)}${this.#comment()}\n`;
    if (kind < 5) return ` ${this.#node(depth, deeper)}${this.#comment()}\n`;
    if (kind < 6) return `${this.#comment()}\n${this.#random.chance(0.5) ? this.#block(depth, indent) : ''}`;
    return ` ${this.#properties()}\n${this.#block(depth, deeper)}`.replace(/^ \n/, '\n');
  }

  #comment(): string {
    return this.#random.chance(0.07) ? this.#random.pick(comments) : '';
  }

  #key(): string {
    if (this.#random.chance(0.05)) return `${this.#properties()}${this.#random.pick(keys)}`;
    if (this.#random.chance(0.03)) return this.#alias();
    if (this.#random.chance(0.02)) return this.#node(1, ' ');
    return this.#random.chance(0.85) ? this.#random.pick(keys) : this.#random.pick(scalars);
  }

  #merged(): string {
    return this.#random.pick([
      () => this.#alias(),
      () => this.#alias(),
      () => `[${this.#alias()}, ${this.#alias()}]`,
      () => `{${this.#random.pick(keys)}: ${this.#random.pick(scalars)}}`,
      () => `[${this.#alias()}, {a: 1}]`,
      () => this.#scalar(' '),
    ])();
  }

  #alias(): string {
    const [first = 'a'] = this.#anchors;
    return `*${this.#random.chance(0.5) ? first : (this.#anchors.at(-1) ?? 'a')}`;
  }

  #properties(): string {
    const kind = this.#random.below(4);
    if (kind === 0) return `${this.#random.pick(tags)} `;
    if (kind === 1) return `${this.#random.pick(tags)} ${this.#anchor()} `;
    return kind === 2 ? `${this.#anchor()} ${this.#random.pick(['', '!!str '])}` : `${this.#anchor()} `;
  }

  #anchor(): string {
    const name = this.#random.pick(['a', 'b', 'x-1', '1']);
    this.#anchors.push(name);
    return `&${name}`;
  }

  #scalar(indent: string): string {
    const properties = this.#random.chance(0.12) ? this.#properties() : '';
    const kind = this.#random.below(20);
    if (kind < 13) return properties + this.#random.pick(scalars);
    if (kind < 16) return properties + this.#random.pick(quoted).replaceAll('\n', `\n${indent}`);
    if (kind < 17) return `${this.#random.pick(scalars)}\n${indent}${this.#random.pick(lines)}`;
    if (kind < 18) return this.#anchors.length > 0 || this.#random.chance(0.1) ? this.#alias() : 'a';
    return properties + this.#blockScalar(indent);
  }

  #blockScalar(indent: string): string {
    const inner = indent + this.#random.pick(['', '', ' ', '  ']);
    const body = this.#random.list(5, () => {
      const line = this.#random.pick(lines);
      return line.trim() === '' && this.#random.chance(0.7) ? line : inner + line;
    });
    return [this.#random.pick(headers), ...body].join('\n');
  }

  /** In flow style. */
  #node(depth: number, indent: string): string {
    const kind = this.#random.below(8);
    if (depth <= 0 || kind < 2) return this.#flowScalar(indent);
    const separator = this.#random.pick([', ', ',', ' , ', `,\n${indent}`]);
    const end = this.#random.chance(0.1) ? ',' : '';
    if (kind < 5) return `[${this.#random.list(4, () => this.#flowItem(depth, indent)).join(separator)}${end}]`;
    return `{${this.#random.list(4, () => this.#flowEntry(depth, indent)).join(separator)}${end}}`;
  }

  #flowItem(depth: number, indent: string): string {
    return this.#random.chance(0.1) ? this.#flowEntry(depth, indent) : this.#node(depth - 1, indent);
  }

  #flowEntry(depth: number, indent: string): string {
    const key = this.#random.chance(0.05) ? `? ${this.#random.pick(keys)}` : this.#random.pick(keys);
    if (this.#random.chance(0.1)) return key;
    return `${key}${this.#random.pick([': ', ': ', ': ', ':', ' : '])}${this.#node(depth - 1, indent)}`;
  }

  #flowScalar(indent: string): string {
    const properties = this.#random.chance(0.1) ? this.#properties() : '';
    if (this.#random.chance(0.1) && this.#anchors.length > 0) return this.#alias();
    if (this.#random.chance(0.8)) return properties + this.#random.pick(scalars);
    return properties + this.#random.pick(quoted).replaceAll('\n', `\n${indent}`);
  }
}
