import type { Random } from './random.ts';
import {
  anysTwin,
  boolTwin,
  floatTwin,
  integerTwin,
  itemPointersTwin,
  itemTwin,
  kindTwin,
  mapTwin,
  nilTwin,
  stampsTwin,
  stampTwin,
  stringsTwin,
  stringTwin,
  type Twin,
} from './typed-value.ts';

/** The keys of the generated dot: one of each type, so that templates find something of everything. */
export const dotKeys = [
  'b',
  'i',
  'i32',
  'i64',
  'u8',
  'f',
  'f32',
  's',
  'kind',
  'strs',
  'list',
  'map',
  'imap',
  'sub',
  'nil',
  'item',
  'ptr',
  'none',
  'ptrs',
  'stamp',
  'stamps',
  'range',
  'h\xc3\xa9',
] as const;

const texts = [
  '',
  'a',
  'abc',
  'h\xc3\xa9',
  '\xff\xfe',
  '<a href="x">&\'',
  'x y',
  '%d%%',
  '\0\n\t',
  '\xf0\x9f\x98\x80z',
  '12',
] as const;
const integers = [0n, 1n, -1n, 2n, 3n, 7n, 42n, -5n, 65n, 127n, 255n, 1000n] as const;
const floats = [
  0, -0, 1, 1.5, -2.25, 0.1, 1e6, 1e20, 1e21, 1e-7, 3.14259, 123456789, 5e-324, 1.7976931348623157e308, 2.5, 100,
] as const;

/** A `map[string]interface {}` with a value under each of the keys. */
export function generateDot(random: Random): Twin {
  const values: Record<(typeof dotKeys)[number], Twin> = {
    b: boolTwin(random.chance(0.5)),
    i: integerTwin('int', random.pick(integers)),
    i32: integerTwin('int32', random.pick(integers)),
    i64: integerTwin('int64', random.pick(integers)),
    u8: integerTwin('uint8', BigInt(random.below(256))),
    f: floatTwin('float64', random.pick(floats)),
    f32: floatTwin('float32', Math.fround(random.pick([0, 1.5, 0.1, 1e10, -3.25, 16777216, 1e-10]))),
    s: text(random),
    kind: kindTwin(random.pick(texts)),
    strs: strings(random),
    list: anys(random, 2),
    map: mapTwin(
      'stringmap',
      uniqueKeys(random, () => text(random)),
    ),
    imap: mapTwin('intmap', intMapEntries(random)),
    sub: anyMap(random, 2),
    nil: nilTwin,
    item: item(random, 'item', 2),
    ptr: item(random, 'itemptr', 2),
    none: itemTwin('itemptr', undefined),
    ptrs: itemPointersTwin(random.list(3, () => item(random, 'itemptr', 1))),
    stamp: stamp(random),
    stamps: stampsTwin(random.list(3, () => stamp(random))),
    range: anys(random, 1),
    'h\xc3\xa9': text(random),
  };
  return mapTwin(
    'anymap',
    dotKeys.map((key) => [stringTwin(key), values[key]]),
  );
}

function text(random: Random): Twin {
  return stringTwin(random.pick(texts));
}

function strings(random: Random): Twin {
  return stringsTwin(random.chance(0.1) ? undefined : random.list(4, () => text(random)));
}

function anys(random: Random, depth: number): Twin {
  return anysTwin(random.chance(0.1) ? undefined : random.list(4, () => anything(random, depth - 1)));
}

function anyMap(random: Random, depth: number): Twin {
  return mapTwin(
    'anymap',
    uniqueKeys(random, () => anything(random, depth - 1)),
  );
}

function uniqueKeys(random: Random, make: () => Twin): (readonly [Twin, Twin])[] {
  const keys = new Set(random.list(5, () => random.pick(['a', 'b', 's', 'Z', '10', '9', '', 'sub', 'h\xc3\xa9'])));
  return [...keys].map((key) => [stringTwin(key), make()]);
}

function intMapEntries(random: Random): (readonly [Twin, Twin])[] {
  const keys = new Set(random.list(4, () => random.pick([0n, 1n, 9n, 10n, -3n])));
  return [...keys].map((key) => [integerTwin('int', key), text(random)]);
}

function stamp(random: Random): Twin {
  return stampTwin(random.pick(integers));
}

function item(random: Random, type: 'item' | 'itemptr', depth: number): Twin {
  return itemTwin(type, [
    text(random),
    integerTwin('int64', random.pick(integers)),
    integerTwin('int32', random.pick(integers)),
    kindTwin(random.pick(texts)),
    strings(random),
    itemTwin('itemptr', undefined),
    anything(random, depth - 1),
    anyMap(random, depth - 1),
  ]);
}

function anything(random: Random, depth: number): Twin {
  const simple = [
    () => nilTwin,
    () => boolTwin(random.chance(0.5)),
    () => integerTwin(random.pick(['int', 'int32', 'int64']), random.pick(integers)),
    () => integerTwin('uint8', BigInt(random.below(256))),
    () => floatTwin('float64', random.pick(floats)),
    () => text(random),
    () => kindTwin(random.pick(texts)),
    () => strings(random),
  ] as const;
  if (depth <= 0 || random.chance(0.6)) return random.pick(simple)();
  return random.pick([
    () => anys(random, depth),
    () => anyMap(random, depth),
    () => item(random, 'item', depth),
    () => item(random, 'itemptr', 0),
    () => stamp(random),
    () => stampsTwin(random.list(2, () => stamp(random))),
  ])();
}
