import type { Json } from '../domain/json.ts';
import { parseQuantity } from './functions/quantity.ts';
import { CallError } from './template/template-error.ts';

/** `[]` stands for every item of a list, `*` for any one name. */
type Pattern = readonly string[];

/** In whatever holds a pod or a claim. */
const anywhere: readonly Pattern[] = [
  ['resources', 'requests', '*'],
  ['resources', 'limits', '*'],
  ['emptyDir', 'sizeLimit'],
  ['resourceFieldRef', 'divisor'],
  ['spec', 'overhead', '*'],
];

const limits = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'];
const targets = ['value', 'averageValue'];
const byKind = new Map<string, readonly Pattern[]>([
  ['CSIStorageCapacity', [['capacity'], ['maximumVolumeSize']]],
  ['HorizontalPodAutoscaler', targets.map((target) => ['spec', 'metrics', '[]', '*', 'target', target])],
  ['LimitRange', limits.map((limit) => ['spec', 'limits', '[]', limit, '*'])],
  ['PersistentVolume', [['spec', 'capacity', '*']]],
  ['ResourceQuota', [['spec', 'hard', '*']]],
  ['RuntimeClass', [['overhead', 'podFixed', '*']]],
]);

/** Whether a field of one of Kubernetes' own kinds holds a quantity, which the API server keeps by its value. */
export function isQuantityField(kind: string, path: readonly string[]): boolean {
  const own = byKind.get(kind) ?? [];
  return (
    own.some((pattern) => pattern.length === path.length && endsWith(path, pattern)) ||
    anywhere.some((pattern) => endsWith(path, pattern))
  );
}

function endsWith(path: readonly string[], pattern: Pattern): boolean {
  const start = path.length - pattern.length;
  return start >= 0 && pattern.every((word, index) => word === '*' || word === path[start + index]);
}

/** Gives equal quantities one spelling, that of the first seen, so that people find what they wrote. */
export class QuantitySpellings {
  readonly #known = new Map<bigint, Json>();

  of(value: Json): Json {
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    const amount = amountOf(String(value));
    if (amount === undefined) return value;
    const known = this.#known.get(amount);
    if (known !== undefined) return known;
    this.#known.set(amount, value);
    return value;
  }
}

/** In units of 1e-9; undefined for what is no quantity. */
function amountOf(text: string): bigint | undefined {
  try {
    return parseQuantity(text).nano;
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}
