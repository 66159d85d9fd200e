import type { ByteString } from './byte-string.ts';
import { type Flags, noFlags, pad } from './flags.ts';
import { formatComplex, formatFloatVerb, formatInteger } from './format-number.ts';
import { formatString } from './format-string.ts';
import { GoMap, Interface, Named, Pointer, Slice, Struct, typeOf, type Value } from './go-value.ts';
import { CallError } from './template-error.ts';

/** How long one printed string, and a whole output, may become. */
export const maxOutputBytes = 16 * 1024 * 1024;

/** Go prints addresses, which differ from run to run; this one stands for all. */
const address = 0xc000000000n;

/** Prints values one after the other, in the way of Go's fmt. */
export class Printer {
  #out = '';
  /** Inside of `%!verb(…)`, where values print without their String method. */
  #erroring = false;
  flags: Flags = noFlags();

  get text(): ByteString {
    return this.#out;
  }

  write(text: ByteString): void {
    this.#out += text;
    if (this.#out.length > maxOutputBytes) throw new CallError(`result exceeds ${maxOutputBytes} bytes`);
  }

  /** An operand of print or printf. */
  print(value: Value, verb: string): void {
    if (value instanceof Interface) {
      this.print(value.elem, verb);
    } else if (value === undefined) {
      if (verb === 'T' || verb === 'v') this.write(pad('<nil>', this.flags));
      else this.#badVerb(value, verb);
    } else if (verb === 'T') {
      this.write(formatString(typeOf(value).name, 's', this.flags) ?? '');
    } else if (verb === 'p') {
      this.#pointer(value, verb);
    } else if (verb === 'w') {
      this.#badVerb(value, verb);
    } else {
      this.#value(value, verb, 0);
    }
  }

  #badVerb(value: Value, verb: string): void {
    this.write(`%!${verb}(`);
    if (value === undefined) {
      this.write('<nil>');
    } else {
      const erroring = this.#erroring;
      this.#erroring = true;
      this.write(`${typeOf(value).name}=`);
      this.print(value, 'v');
      this.#erroring = erroring;
    }
    this.write(')');
  }

  #value(value: Value, verb: string, depth: number): void {
    if (value instanceof Interface) {
      this.#interface(value, verb, depth);
    } else if (value instanceof Slice) {
      this.#slice(value, verb, depth);
    } else if (value instanceof GoMap) {
      this.#map(value, verb, depth);
    } else if (value instanceof Struct) {
      this.#struct(value, verb, depth);
    } else if (value instanceof Pointer) {
      const printsTarget = depth === 0 && isComposite(value.target);
      if (printsTarget) {
        this.write('&');
        this.#value(value.target, verb, depth + 1);
      } else {
        this.#pointer(value, verb);
      }
    } else {
      this.#basic(value, verb);
    }
  }

  #basic(value: Value, verb: string): void {
    if (value === undefined && verb === 'v') {
      this.write('<nil>');
      return;
    }
    const text = formatBasic(value instanceof Named ? value.value : value, value, verb, this.flags);
    if (text === undefined) this.#badVerb(value, verb);
    else this.write(text);
  }

  #interface(value: Interface, verb: string, depth: number): void {
    if (value.elem !== undefined) this.#value(value.elem, verb, depth + 1);
    else this.write(this.flags.sharpV ? 'interface {}(nil)' : '<nil>');
  }

  #slice(value: Slice, verb: string, depth: number): void {
    const { sharpV } = this.flags;
    if (sharpV && value.array === undefined) {
      this.write(`${value.type.name}(nil)`);
      return;
    }
    this.write(sharpV ? `${value.type.name}{` : '[');
    for (let i = 0; i < value.length; i++) {
      if (i > 0) this.write(sharpV ? ', ' : ' ');
      this.#value(value.at(i), verb, depth + 1);
    }
    this.write(sharpV ? '}' : ']');
  }

  #map(value: GoMap, verb: string, depth: number): void {
    const { sharpV } = this.flags;
    if (sharpV && value.entries === undefined) {
      this.write(`${value.type.name}(nil)`);
      return;
    }
    this.write(sharpV ? `${value.type.name}{` : 'map[');
    for (const [index, key] of value.sortedKeys().entries()) {
      if (index > 0) this.write(sharpV ? ', ' : ' ');
      this.#value(key, verb, depth + 1);
      this.write(':');
      this.#value(value.get(key), verb, depth + 1);
    }
    this.write(sharpV ? '}' : ']');
  }

  #struct(value: Struct, verb: string, depth: number): void {
    const { sharpV, plusV } = this.flags;
    const { stringer, fields, name } = value.type;
    if (stringer !== undefined && !this.#erroring && !sharpV && 'vsxXq'.includes(verb)) {
      this.write(formatString(stringer(value), verb, this.flags) ?? '');
      return;
    }
    this.write(sharpV ? `${name}{` : '{');
    for (const [index, field] of fields.entries()) {
      if (index > 0) this.write(sharpV ? ', ' : ' ');
      if (plusV || sharpV) this.write(`${field.name}:`);
      this.#value(value.at(index), verb, depth + 1);
    }
    this.write('}');
  }

  /** What is behind it doesn't show, only where it is. */
  #pointer(value: Exclude<Value, undefined>, verb: string): void {
    const points = value instanceof Pointer || value instanceof Slice || value instanceof GoMap;
    if (!points || !'vpbodxX'.includes(verb)) {
      this.#badVerb(value, verb);
      return;
    }
    const at = isNilPointer(value) ? 0n : address;
    if (verb === 'v' && this.flags.sharpV) {
      const text = at === 0n ? 'nil' : formatInteger(at, false, 'x', { ...this.flags, sharp: true });
      this.write(`(${typeOf(value).name})(${text})`);
    } else if (verb === 'v' && at === 0n) {
      this.write(pad('<nil>', this.flags));
    } else if (verb === 'v' || verb === 'p') {
      this.write(formatInteger(at, false, 'x', { ...this.flags, sharp: !this.flags.sharp }) ?? '');
    } else {
      this.write(formatInteger(at, false, verb, this.flags) ?? '');
    }
  }
}

function formatBasic(raw: Value | Named['value'], value: Value, verb: string, flags: Flags): ByteString | undefined {
  switch (typeof raw) {
    case 'string':
      return formatString(raw, verb, flags);
    case 'boolean':
      return verb === 'v' || verb === 't' ? pad(String(raw), flags) : undefined;
    case 'bigint':
      return formatInteger(raw, !(value instanceof Named && value.type.kind === 'uint8'), verb, flags);
    case 'number':
      return formatFloatVerb(raw, value instanceof Named && value.type.kind === 'float32' ? 32 : 64, verb, flags);
    case 'object':
      return 're' in raw ? formatComplex(raw, verb, flags) : undefined;
    default:
      return undefined;
  }
}

function isComposite(value: Value): boolean {
  return value instanceof Slice || value instanceof Struct || value instanceof GoMap;
}

function isNilPointer(value: Pointer | Slice | GoMap): boolean {
  if (value instanceof Pointer) return value.target === undefined;
  return value instanceof Slice ? value.array === undefined : value.entries === undefined;
}
