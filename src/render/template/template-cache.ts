import type { ByteString } from './byte-string.ts';
import type { Functions } from './go-type.ts';
import { parseTemplate, type Template } from './template.ts';

const maxCachedBytes = 64 * 1024 * 1024;

/** Templates already read, by name and content. The oldest are forgotten when all sources together exceed 64 MiB. */
export class TemplateCache {
  readonly #functions: Functions;
  readonly #templates = new Map<ByteString, Map<string, Template>>();
  #bytes = 0;

  /** `functions`: the names that templates may call; what they do is chosen at each execution. */
  constructor(functions: Functions) {
    this.#functions = functions;
  }

  /** Throws a TemplateError, each time anew: refused templates aren't kept. */
  parse(name: string, source: ByteString): Template {
    const known = this.#templates.get(source)?.get(name);
    if (known !== undefined) return known;
    const template = parseTemplate(name, source, this.#functions);
    this.#keep(source, template);
    return template;
  }

  #keep(source: ByteString, template: Template): void {
    const sameSource = this.#templates.get(source) ?? new Map<string, Template>();
    this.#templates.set(source, sameSource.set(template.name, template));
    this.#bytes += source.length;
    for (const [oldest, templates] of this.#templates) {
      if (this.#bytes <= maxCachedBytes) return;
      this.#templates.delete(oldest);
      this.#bytes -= oldest.length * templates.size;
    }
  }
}
