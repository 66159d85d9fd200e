import type { ByteString } from './byte-string.ts';
import { runeCount } from './utf8.ts';

/** The flags of one printf verb. */
export interface Flags {
  width: number | undefined;
  precision: number | undefined;
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** `%+v`: fields with their names. */
  plusV: boolean;
  /** `%#v`: as Go source. */
  sharpV: boolean;
}

export function noFlags(): Flags {
  return {
    width: undefined,
    precision: undefined,
    minus: false,
    plus: false,
    sharp: false,
    space: false,
    zero: false,
    plusV: false,
    sharpV: false,
  };
}

/** The text at its width: right-aligned, or left-aligned with the minus flag. */
export function pad(text: ByteString, flags: Flags): ByteString {
  const missing = (flags.width ?? 0) - (flags.width === undefined ? 0 : runeCount(text));
  if (missing <= 0) return text;
  return flags.minus ? text + ' '.repeat(missing) : padding(missing, flags) + text;
}

/** As `pad`, but with spaces even where zeros were asked for. */
export function padWithSpaces(text: ByteString, flags: Flags): ByteString {
  return pad(text, { ...flags, zero: false });
}

/** What stands left of a text that is too short. */
export function padding(count: number, flags: Flags): ByteString {
  return (flags.zero && !flags.minus ? '0' : ' ').repeat(Math.max(count, 0));
}
