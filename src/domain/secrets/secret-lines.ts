import { isSecretName } from './secret-name.ts';
import type { Substitute } from './secret-shapes.ts';
import { isHarmless } from './secret-value.ts';

/** `password: x`, `db.password = x`, `export TOKEN=x`, `- name: x`: a line of a properties, INI, YAML or shell file. */
const line =
  /^([ \t]*(?:[-+~] +)?(?:export +|set +|ENV +)?(["']?)([\w./-]{1,200})\2[ \t]{0,50}(?:=|:(?=[ \t]|$))[ \t]{0,200})(.*)$/;
const sentence =
  /^(?:not|is|was|has|no|invalid|missing|required|expired|must|cannot|can't|unauthorized|unknown|too|wrong|denied|unexpected|failed|could|does|should|empty|unset|malformed|unsupported|duplicate) /i;

/** A text of several lines with another in place of what its lines call a secret, and of the data of a Secret's manifest. */
export function replaceInLines(text: string, substitute: Substitute): string {
  const lines = text.split('\n');
  const block = new Block();
  const isManifest = /^["' \t{]*kind["']?[ \t]*:[ \t]*["']?Secret["']?[ \t]*,?$/m.test(text);
  return lines
    .map((one) => {
      if (block.holds(one)) return one.replace(/\S.*/, (secret) => (isHarmless(secret) ? secret : substitute(secret)));
      const [, before, , name, rest] = line.exec(one) ?? [];
      if (before === undefined || name === undefined || rest === undefined) return one;
      const value = withoutEnd(rest);
      if (isManifest && /^(?:data|stringData)$/.test(name) && value === '') block.begin(one, 'data');
      const isSecret = block.isData(one) || isSecretName(name);
      if (!isSecret) return one;
      if (/^[|>][-+\d]*$/.test(value) || (value === '' && block.isData(one))) block.begin(one, 'scalar');
      return before + secretOf(value, substitute) + rest.slice(value.length);
    })
    .join('\n');
}

/** A comma or semicolon at the end is none of the value. */
function withoutEnd(value: string): string {
  const text = value.trimEnd();
  return text.endsWith(',') || text.endsWith(';') ? text.slice(0, -1) : text;
}

function secretOf(value: string, substitute: Substitute): string {
  const [, quote = '', inner = value] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (isHarmless(inner) || (quote === '' && sentence.test(inner))) return value;
  return `${quote}${substitute(inner)}${quote}`;
}

/** The lines that are indented below one. */
class Block {
  #scalar = -1;
  #data = -1;

  begin(one: string, what: 'scalar' | 'data'): void {
    if (what === 'data') this.#data = indentOf(one);
    else this.#scalar = indentOf(one);
  }

  /** Whether the line belongs to a text that began above. */
  holds(one: string): boolean {
    if (this.#data >= 0 && one.trim() !== '' && indentOf(one) <= this.#data) this.#data = -1;
    if (this.#scalar < 0) return false;
    if (one.trim() !== '' && indentOf(one) <= this.#scalar) this.#scalar = -1;
    return this.#scalar >= 0;
  }

  isData(one: string): boolean {
    return this.#data >= 0 && indentOf(one) > this.#data;
  }
}

function indentOf(one: string): number {
  return /^[ \t]*/.exec(one)?.[0].length ?? 0;
}
