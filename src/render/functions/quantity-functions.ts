import type { ByteString } from '../template/byte-string.ts';
import { CallError } from '../template/template-error.ts';
import { addQuantities, formatQuantity, parseQuantity, roundedUp, wholeQuantity, zeroQuantity } from './quantity.ts';

const MIN_INT64 = -(2n ** 63n);

export function sumQuantities(texts: readonly ByteString[]): string {
  return formatQuantity(texts.map(parseQuantity).reduce(addQuantities, zeroQuantity));
}

/** In float32 arithmetic, as CLM does it; below 1024 in thousandths. `factor` is a float32. */
export function scaleQuantity(text: ByteString, factor: number): string {
  if (factor <= 0) throw new CallError('scaling factor must be greater than 0.0');
  const quantity = parseForScaling(text);
  const whole = roundedUp(quantity, 0);
  const isSmall = whole < 1024n && quantity.format === 'DecimalSI';
  const scaled = multiply(isSmall ? roundedUp(quantity, 3) : whole, factor);
  return formatQuantity({ nano: scaled * (isSmall ? 10n ** 6n : 10n ** 9n), format: quantity.format });
}

function parseForScaling(text: ByteString) {
  try {
    return parseQuantity(text);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new CallError(`failed to parse ${text} as k8sresource.Quantity: ${error.message}`);
  }
}

function multiply(value: bigint, factor: number): bigint {
  const product = Math.fround(float32Of(value) * factor);
  return toInt64(product);
}

/** Truncated; what an int64 can't hold becomes its smallest value, as on amd64. */
function toInt64(value: number): bigint {
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : MIN_INT64;
}

/** Rounded once: via a float64 large integers would be rounded twice. */
function float32Of(value: bigint): number {
  const size = value < 0n ? -value : value;
  const dropped = size % 1024n === 0n ? 0n : 1n;
  const rounded = size < 2n ** 53n ? Math.fround(Number(size)) : Math.fround(Number((size / 1024n) | dropped)) * 1024;
  return value < 0n ? -rounded : rounded;
}

/** `8Gi` as the KB of a PostgreSQL or etcd setting. */
export function kubernetesSizeToKiloBytes(text: ByteString, factor: number): string {
  const value = wholeQuantity(text);
  if (value === undefined) throw new CallError(`unexpected size for quantity: ${text}`);
  return `${toInt64(Math.ceil((Number(value) / 1024) * factor))}KB`;
}

/** Bytes as a quantity: `8Gi`. */
export function memoryQuantity(bytes: bigint): string {
  return formatQuantity({ nano: bytes * 10n ** 9n, format: 'BinarySI' });
}
