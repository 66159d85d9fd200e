/** What a plain scalar means in YAML 1.1 as Go's yaml.v2 reads it. */
export type YamlScalar = string | number | bigint | boolean | null;

/** `float` tells 1.0 from 1: both are the same number here, but not in Go. */
export type ResolvedScalar =
  | { type: 'null'; value: null }
  | { type: 'bool'; value: boolean }
  | { type: 'int'; value: number | bigint }
  | { type: 'float'; value: number }
  | { type: 'str'; value: string };

const words = new Map<string, ResolvedScalar>();
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']) {
  words.set(word, { type: 'bool', value: true });
}
for (const word of ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']) {
  words.set(word, { type: 'bool', value: false });
}
for (const word of ['', '~', 'null', 'Null', 'NULL']) words.set(word, { type: 'null', value: null });
for (const word of ['.nan', '.NaN', '.NAN']) words.set(word, { type: 'float', value: Number.NaN });
for (const sign of ['', '+', '-']) {
  const value = sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  for (const word of ['.inf', '.Inf', '.INF']) words.set(sign + word, { type: 'float', value });
}

const longestWord = 5;
const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const maxInt64 = 2n ** 63n - 1n;
const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;

/** Resolves a plain scalar. `text` is what stands in the file. */
export function resolvePlain(text: string): ResolvedScalar {
  const first = text.charCodeAt(0);
  const digit = first >= 48 && first <= 57;
  if (!digit && text.length <= longestWord) {
    const word = words.get(text);
    if (word !== undefined) return word;
  }
  if (first === 46) return resolveDotted(text);
  if (digit || first === 43 || first === 45) return resolveNumber(text);
  return { type: 'str', value: text };
}

function resolveDotted(text: string): ResolvedScalar {
  const value = float.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? { type: 'float', value } : { type: 'str', value: text };
}

function resolveNumber(text: string): ResolvedScalar {
  const integer = parseInteger(text);
  if (integer !== undefined) return { type: 'int', value: integer };
  const plain = text.replaceAll('_', '');
  if (float.test(plain)) {
    const value = Number(plain);
    if (Number.isFinite(value)) return { type: 'float', value };
  }
  return { type: 'str', value: text };
}

const integerForm = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;

/** Go's `strconv.ParseInt(text without "_", 0, 64)`, else ParseUint: undefined when it is neither. */
function parseInteger(text: string): number | bigint | undefined {
  const match = integerForm.exec(text.includes('_') ? text.replaceAll('_', '') : text);
  if (match === null) return undefined;
  const [, sign = '', hex, binary, octal, decimal = ''] = match;
  if (decimal !== '' && decimal.length < 16) return Number(`${sign}${decimal}`) || 0;
  const magnitude = BigInt(
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o${octal}`
          : decimal,
  );
  const value = sign === '-' ? -magnitude : magnitude;
  if (value < minInt64 || (value > maxInt64 && (sign !== '' || value > maxUint64))) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
