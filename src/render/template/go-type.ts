import type { ByteString } from './byte-string.ts';
import type { Struct, Value } from './go-value.ts';

/** The Go types that templates meet: a closed set. Two types are the same when their names are. */
export type GoType = BasicType | InterfaceType | SliceType | MapType | PointerType | StructType;

export type IntegerKind = 'int' | 'int32' | 'int64' | 'uint8';
export type FloatKind = 'float32' | 'float64';
export type BasicKind = 'bool' | 'string' | 'complex128' | IntegerKind | FloatKind;

/** `string` itself or a named type of its kind, e.g. `api.ProviderID`. */
export interface BasicType {
  readonly kind: BasicKind;
  readonly name: string;
}

export interface InterfaceType {
  readonly kind: 'interface';
  readonly name: 'interface {}';
}

export interface SliceType {
  readonly kind: 'slice';
  readonly name: string;
  readonly elem: GoType;
}

export interface MapType {
  readonly kind: 'map';
  readonly name: string;
  readonly key: GoType;
  readonly elem: GoType;
}

export interface PointerType {
  readonly kind: 'pointer';
  readonly name: string;
  readonly elem: GoType;
}

export interface StructType {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly Field[];
  readonly fieldIndex: ReadonlyMap<string, number>;
  readonly methods: ReadonlyMap<string, Method>;
  /** What Go's `String()` of it prints, if it has one. */
  readonly stringer?: (value: Struct) => ByteString;
  /** The package it is of, in full. */
  readonly importPath: string;
}

export interface Field {
  readonly name: string;
  readonly type: GoType;
}

/** What a parameter takes: a type, or `value`, anything as it is (Go's reflect.Value). */
export type ParameterType = GoType | 'value';

export interface Signature {
  readonly params: readonly ParameterType[];
  /** Type of the variadic arguments after `params`, if there are any. */
  readonly rest?: ParameterType;
}

export interface Method extends Signature {
  call(receiver: Struct, args: readonly Value[]): Value;
}

/**
 * A function of templates. Arguments have been checked against its signature. It throws a CallError for what Go's would
 * return as an error.
 */
export interface GoFunction extends Signature {
  call(args: readonly Value[]): Value;
}

export type Functions = ReadonlyMap<string, GoFunction>;

export const BOOL: BasicType = { kind: 'bool', name: 'bool' };
export const STRING: BasicType = { kind: 'string', name: 'string' };
export const INT: BasicType = { kind: 'int', name: 'int' };
export const INT32: BasicType = { kind: 'int32', name: 'int32' };
export const INT64: BasicType = { kind: 'int64', name: 'int64' };
export const UINT8: BasicType = { kind: 'uint8', name: 'uint8' };
export const FLOAT32: BasicType = { kind: 'float32', name: 'float32' };
export const FLOAT64: BasicType = { kind: 'float64', name: 'float64' };
export const COMPLEX128: BasicType = { kind: 'complex128', name: 'complex128' };
export const ANY: InterfaceType = { kind: 'interface', name: 'interface {}' };
export const STRINGS: SliceType = sliceOf(STRING);
export const ANYS: SliceType = sliceOf(ANY);
export const STRING_MAP: MapType = mapOf(STRING, STRING);
export const ANY_MAP: MapType = mapOf(STRING, ANY);

export function sliceOf(elem: GoType): SliceType {
  return { kind: 'slice', name: `[]${elem.name}`, elem };
}

export function mapOf(key: GoType, elem: GoType): MapType {
  return { kind: 'map', name: `map[${key.name}]${elem.name}`, key, elem };
}

export function pointerTo(elem: GoType): PointerType {
  return { kind: 'pointer', name: `*${elem.name}`, elem };
}

interface Traits {
  readonly methods?: Readonly<Record<string, Method>>;
  readonly stringer?: (value: Struct) => ByteString;
  /** As far as it isn't the package's short name. */
  readonly importPath?: string;
}

/** A struct type; `fields` in Go's order, which is how it prints. */
export function structType(name: string, fields: readonly Field[], traits: Traits = {}): StructType {
  const { methods = {}, importPath = name.slice(0, name.indexOf('.')), ...stringer } = traits;
  const fieldIndex = new Map(fields.map((field, index) => [field.name, index]));
  return {
    kind: 'struct',
    name,
    fields,
    fieldIndex,
    methods: new Map(Object.entries(methods)),
    importPath,
    ...stringer,
  };
}

/** Go's assignability, as far as these types need it. */
export function isAssignable(from: GoType, to: GoType): boolean {
  return from === to || to.kind === 'interface' || from.name === to.name;
}
