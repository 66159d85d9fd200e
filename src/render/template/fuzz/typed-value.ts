import { type ByteString, bufferOf } from '../byte-string.ts';
import {
  ANY,
  ANY_MAP,
  ANYS,
  type BasicType,
  type Field,
  FLOAT32,
  FLOAT64,
  INT,
  INT32,
  INT64,
  mapOf,
  pointerTo,
  type SliceType,
  STRING,
  STRING_MAP,
  STRINGS,
  sliceOf,
  structType,
  UINT8,
} from '../go-type.ts';
import { GoMap, Named, Pointer, Slice, Struct, type Value } from '../go-value.ts';
import { stringOf } from '../reflect.ts';
import { CallError } from '../template-error.ts';

/** A Go value in JSON, with its type: what the Go program is sent. */
export interface TypedValue {
  readonly t: string;
  readonly v?: unknown;
}

export const KIND: BasicType = { kind: 'string', name: 'main.Kind' };

const fields: readonly Field[] = [
  { name: 'Name', type: STRING },
  { name: 'Count', type: INT64 },
  { name: 'Level', type: INT32 },
  { name: 'Kind', type: KIND },
  { name: 'Tags', type: STRINGS },
  // Of a pointer to an Item; a type can't name itself, and `next` below gives it the right one.
  { name: 'Next', type: STRING },
  { name: 'Any', type: ANY },
  { name: 'Extra', type: ANY_MAP },
];

export const ITEM = structType('main.Item', fields, {
  methods: {
    Double: { params: [INT], call: (_, [n]) => (typeof n === 'bigint' ? BigInt.asIntN(64, 2n * n) : undefined) },
    IsBig: { params: [], call: (item) => integer(item.get('Count')) > 10n },
    Greet: {
      params: [],
      rest: STRING,
      call: (_, [word]) => {
        if (typeof word !== 'string') throw new CallError('nobody to greet');
        return `hello ${word}`;
      },
    },
    Scale: { params: [FLOAT64, INT64], call: (_, [factor, by]) => Number(factor) * Number(integer(by)) },
    Self: { params: [], call: (item) => new Pointer(pointerTo(ITEM), item) },
  },
});

/** Prints itself. */
export const STAMP = structType('main.Stamp', [{ name: 'N', type: INT64 }], {
  stringer: (stamp) => `stamp <${integer(stamp.get('N'))}>`,
  methods: { String: { params: [], call: (stamp) => `stamp <${integer(stamp.get('N'))}>` } },
});

function integer(value: Value): bigint {
  return value instanceof Named && typeof value.value === 'bigint' ? value.value : 0n;
}

/** Makes both the value and what the Go program reads as the same. */
export interface Twin {
  readonly value: Value;
  readonly typed: TypedValue;
}

export const nilTwin: Twin = { value: undefined, typed: { t: 'nil' } };

export function boolTwin(value: boolean): Twin {
  return { value, typed: { t: 'bool', v: value } };
}

export function stringTwin(value: ByteString): Twin {
  return { value, typed: { t: 'string', v: encode(value) } };
}

export function kindTwin(value: ByteString): Twin {
  return { value: new Named(KIND, value), typed: { t: 'kind', v: encode(value) } };
}

export function integerTwin(type: 'int' | 'int32' | 'int64' | 'uint8', value: bigint): Twin {
  const types = { int: INT, int32: INT32, int64: INT64, uint8: UINT8 };
  return { value: type === 'int' ? value : new Named(types[type], value), typed: { t: type, v: String(value) } };
}

export function floatTwin(type: 'float32' | 'float64', value: number): Twin {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return { value: type === 'float64' ? value : new Named(FLOAT32, Math.fround(value)), typed: { t: type, v: text } };
}

/** No items: a nil slice. */
export function stringsTwin(items: readonly Twin[] | undefined): Twin {
  return sliceTwin('strings', STRINGS, items);
}

export function anysTwin(items: readonly Twin[] | undefined): Twin {
  return sliceTwin('anys', ANYS, items);
}

export function itemPointersTwin(items: readonly Twin[]): Twin {
  return sliceTwin('itemptrs', sliceOf(pointerTo(ITEM)), items);
}

export function stampTwin(value: bigint): Twin {
  return { value: new Struct(STAMP, [new Named(INT64, value)]), typed: { t: 'stamp', v: String(value) } };
}

export function stampsTwin(items: readonly Twin[]): Twin {
  return sliceTwin('stamps', sliceOf(STAMP), items);
}

function sliceTwin(t: string, type: SliceType, items: readonly Twin[] | undefined): Twin {
  const value = new Slice(
    type,
    items?.map((item) => item.value),
  );
  return { value, typed: { t, v: items?.map((item) => item.typed) ?? null } };
}

export function mapTwin(t: 'stringmap' | 'anymap' | 'intmap', entries: readonly (readonly [Twin, Twin])[]): Twin {
  const types = { stringmap: STRING_MAP, anymap: ANY_MAP, intmap: mapOf(INT, STRING) };
  const map = new Map(entries.map(([key, elem]) => [mapKey(key.value), elem.value]));
  return { value: new GoMap(types[t], map), typed: { t, v: entries.map(([key, elem]) => [key.typed, elem.typed]) } };
}

function mapKey(value: Value): string | bigint {
  return typeof value === 'bigint' ? value : (stringOf(value) ?? '');
}

/** Fields in order; none: a nil pointer. */
export function itemTwin(t: 'item' | 'itemptr', items: readonly Twin[] | undefined): Twin {
  const typed = { t, v: items?.map((item) => item.typed) ?? null };
  const struct =
    items === undefined
      ? undefined
      : new Struct(
          ITEM,
          items.map((item) => item.value),
        );
  return { value: t === 'item' ? struct : new Pointer(pointerTo(ITEM), struct), typed };
}

function encode(value: ByteString): string {
  return bufferOf(value).toString('base64');
}
