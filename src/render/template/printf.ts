import type { ByteString } from './byte-string.ts';
import { noFlags } from './flags.ts';
import { Interface, typeOf, type Value } from './go-value.ts';
import { Printer } from './printer.ts';
import { integerOf, kindOf } from './reflect.ts';
import { decodeRune } from './utf8.ts';

/** Widths, precisions and argument numbers beyond it aren't taken. */
const maxNumber = 1_000_000;

/** Go's fmt.Sprint: a space between two operands that both aren't strings. */
export function sprint(values: readonly Value[]): ByteString {
  const printer = new Printer();
  let previousIsString = false;
  for (const [index, value] of values.entries()) {
    const isString = kindOf(value instanceof Interface ? value.elem : value) === 'string';
    if (index > 0 && !isString && !previousIsString) printer.write(' ');
    printer.print(value, 'v');
    previousIsString = isString;
  }
  return printer.text;
}

/** Go's fmt.Sprintln. */
export function sprintln(values: readonly Value[]): ByteString {
  const printer = new Printer();
  for (const [index, value] of values.entries()) {
    if (index > 0) printer.write(' ');
    printer.print(value, 'v');
  }
  printer.write('\n');
  return printer.text;
}

/** Go's fmt.Sprintf, its `%!` notes on mistakes included. */
export function sprintf(format: ByteString, values: readonly Value[]): ByteString {
  return new Formatter(format, values).run();
}

class Formatter {
  readonly #format: ByteString;
  readonly #values: readonly Value[];
  readonly #printer = new Printer();
  #at = 0;
  #argument = 0;
  /** Whether an argument number like `[1]` was used: unused arguments aren't reported then. */
  #reordered = false;
  #goodNumber = true;
  #afterNumber = false;

  constructor(format: ByteString, values: readonly Value[]) {
    this.#format = format;
    this.#values = values;
  }

  run(): ByteString {
    while (this.#at < this.#format.length) {
      const found = this.#format.indexOf('%', this.#at);
      const end = found < 0 ? this.#format.length : found;
      this.#printer.write(this.#format.slice(this.#at, end));
      this.#at = end + 1;
      if (found >= 0) this.#verb();
    }
    if (!this.#reordered && this.#argument < this.#values.length) this.#extra();
    return this.#printer.text;
  }

  #verb(): void {
    this.#printer.flags = noFlags();
    this.#goodNumber = true;
    this.#afterNumber = false;
    this.#readFlags();
    this.#readArgumentNumber();
    this.#readWidth();
    this.#readPrecision();
    if (!this.#afterNumber) this.#readArgumentNumber();
    if (this.#at >= this.#format.length) {
      this.#printer.write('%!(NOVERB)');
      return;
    }
    const { size } = decodeRune(this.#format, this.#at);
    const verb = this.#format.slice(this.#at, this.#at + size);
    this.#at += size;
    this.#apply(verb);
  }

  #apply(verb: ByteString): void {
    if (verb === '%') this.#printer.write('%');
    else if (!this.#goodNumber) this.#printer.write(`%!${verb}(BADINDEX)`);
    else if (this.#argument >= this.#values.length) this.#printer.write(`%!${verb}(MISSING)`);
    else {
      const { flags } = this.#printer;
      if (verb === 'v' || verb === 'w') {
        this.#printer.flags = { ...flags, sharpV: flags.sharp, sharp: false, plusV: flags.plus, plus: false };
      }
      this.#printer.print(this.#values[this.#argument], verb);
      this.#argument++;
    }
  }

  #readFlags(): void {
    const { flags } = this.#printer;
    for (; ; this.#at++) {
      switch (this.#format[this.#at]) {
        case '#':
          flags.sharp = true;
          break;
        case '0':
          flags.zero = true;
          break;
        case '+':
          flags.plus = true;
          break;
        case '-':
          flags.minus = true;
          break;
        case ' ':
          flags.space = true;
          break;
        default:
          return;
      }
    }
  }

  /** `[3]`: which argument comes next. */
  #readArgumentNumber(): void {
    this.#afterNumber = false;
    if (this.#format[this.#at] !== '[') return;
    this.#reordered = true;
    const close = this.#format.indexOf(']', this.#at + 1);
    if (close < 0 || this.#format.length - this.#at < 3) {
      this.#goodNumber = false;
      this.#at++;
      return;
    }
    const text = this.#format.slice(this.#at + 1, close);
    const number = /^[0-9]+$/.test(text) && isReadable(text) ? Number(text) : undefined;
    this.#at = close + 1;
    this.#afterNumber = number !== undefined;
    if (number !== undefined && number >= 1 && number <= this.#values.length) this.#argument = number - 1;
    else this.#goodNumber = false;
  }

  #readWidth(): void {
    const { flags } = this.#printer;
    if (this.#format[this.#at] === '*') {
      this.#at++;
      flags.width = this.#integerArgument();
      if (flags.width === undefined) this.#printer.write('%!(BADWIDTH)');
      else if (flags.width < 0) {
        flags.width = -flags.width;
        flags.minus = true;
        flags.zero = false;
      }
      this.#afterNumber = false;
      return;
    }
    flags.width = this.#readNumber();
    if (this.#afterNumber && flags.width !== undefined) this.#goodNumber = false;
  }

  #readPrecision(): void {
    const { flags } = this.#printer;
    if (this.#format[this.#at] !== '.' || this.#at + 1 >= this.#format.length) return;
    this.#at++;
    if (this.#afterNumber) this.#goodNumber = false;
    this.#readArgumentNumber();
    if (this.#format[this.#at] !== '*') {
      flags.precision = this.#readNumber() ?? 0;
      return;
    }
    this.#at++;
    const precision = this.#integerArgument();
    flags.precision = precision !== undefined && precision >= 0 ? precision : undefined;
    if (flags.precision === undefined) this.#printer.write('%!(BADPREC)');
    this.#afterNumber = false;
  }

  /** Digits, undefined if there are none; too many of them end the format, as in Go. */
  #readNumber(): number | undefined {
    const digits = /^[0-9]*/.exec(this.#format.slice(this.#at, this.#at + 10))?.[0] ?? '';
    if (!isReadable(digits)) {
      this.#at = this.#format.length;
      return undefined;
    }
    this.#at += digits.length;
    return digits === '' ? undefined : Number(digits);
  }

  #integerArgument(): number | undefined {
    if (this.#argument >= this.#values.length) return undefined;
    const value = this.#values[this.#argument++];
    const integer = integerOf(value instanceof Interface ? value.elem : value);
    return integer === undefined || integer > maxNumber || integer < -maxNumber ? undefined : Number(integer);
  }

  #extra(): void {
    this.#printer.flags = noFlags();
    this.#printer.write('%!(EXTRA ');
    for (const [index, value] of this.#values.slice(this.#argument).entries()) {
      if (index > 0) this.#printer.write(', ');
      const operand = value instanceof Interface ? value.elem : value;
      if (operand !== undefined) this.#printer.write(`${typeOf(operand).name}=`);
      this.#printer.print(operand, 'v');
    }
    this.#printer.write(')');
  }
}

/** Go gives up on a number once what it has read exceeds the maximum and another digit follows. */
function isReadable(digits: string): boolean {
  return Number(digits.slice(0, -1)) <= maxNumber;
}
