import { bytesOf, textOf } from '../template/byte-string.ts';
import { sprintf } from '../template/printf.ts';
import type { YamlScalar } from './scalar.ts';
import type { YamlValue } from './value.ts';

/** Keys of one type stand together when Go prints a map; in this order, as it happens. */
function typeRank(key: YamlScalar): number {
  if (typeof key === 'bigint') return key >= 2n ** 63n ? 2 : 3;
  if (typeof key === 'number') return Number.isSafeInteger(key) ? 3 : 4;
  return typeof key === 'string' ? 1 : key === null ? 0 : 5;
}

/** A value as Go's `%#v` prints what yaml.v2 makes of it: `map[interface {}]interface {}{"a":1}`. */
export function goSyntax(value: YamlValue): string {
  if (value === null) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!(value instanceof Map)) return scalarSyntax(value);
  const entries = [...value].sort(([a], [b]) => compareKeys(a, b));
  return `map[interface {}]interface {}{${entries.map(([key, item]) => `${goSyntax(key)}:${goSyntax(item)}`).join(', ')}}`;
}

function scalarSyntax(value: Exclude<YamlScalar, null>): string {
  if (typeof value === 'bigint' && value >= 2n ** 63n) return `0x${value.toString(16)}`;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return textOf(sprintf('%#v', [typeof value === 'string' ? bytesOf(value) : value]));
}

function compareKeys(a: YamlScalar, b: YamlScalar): number {
  const ranks = typeRank(a) - typeRank(b);
  if (ranks !== 0 || a === null || b === null) return ranks;
  return Number.isNaN(a) || a < b ? -1 : 1;
}
