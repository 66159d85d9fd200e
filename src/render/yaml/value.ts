import type { Json, JsonObject } from '../../domain/json.ts';
import { YamlError } from './error.ts';
import { goSyntax } from './go-syntax.ts';
import { type MappingNode, placeOf, type ScalarNode, type YamlNode } from './node.ts';
import { type ResolvedScalar, resolvePlain, type YamlScalar } from './scalar.ts';
import { isTimestamp } from './timestamp.ts';

/** A document as Go decodes it into `interface{}`: keys keep their type, `true: x` is not `"true": x`. */
export type YamlValue = YamlScalar | YamlValue[] | YamlMap;
export type YamlMap = Map<YamlScalar, YamlValue>;

/** Gives every scalar of a document its meaning, follows aliases, merges `<<`. Throws YamlError, also for alias bombs. */
export function decodeYaml(text: string, root: YamlNode): YamlValue {
  return new Decoder(text).decode(root);
}

/** The scalar a node stands for, by its tag, its quotes and its text. */
export function resolveScalar(text: string, node: ScalarNode): ResolvedScalar {
  if (node.tag === '') return node.plain ? resolvePlain(node.value) : { type: 'str', value: node.value };
  return resolveTagged(text, node);
}

/** Text in base64. */
export const binaryTag = 'tag:yaml.org,2002:binary';

const standard = 'tag:yaml.org,2002:';
/** `!!str` for `tag:yaml.org,2002:str`. */
export function shortTag(tag: string): string {
  return tag.startsWith(standard) ? `!!${tag.slice(standard.length)}` : tag;
}

const timestampTag = `${standard}timestamp`;
const scalarTags = new Map([
  [`${standard}bool`, 'bool'],
  [`${standard}int`, 'int'],
  [`${standard}float`, 'float'],
  [`${standard}null`, 'null'],
  [timestampTag, 'timestamp'],
]);

function resolveTagged(text: string, node: ScalarNode): ResolvedScalar {
  if (node.tag === binaryTag) return { type: 'str', value: decodeBinary(text, node) };
  if (node.tag === timestampTag && isTimestamp(node.value)) return { type: 'str', value: node.value };
  const wanted = scalarTags.get(node.tag);
  if (wanted === undefined) return { type: 'str', value: node.value };
  const found = resolvePlain(node.value);
  if (found.type === wanted) return found;
  if (wanted === 'float' && found.type === 'int' && found.value < 2n ** 63n) {
    return { type: 'float', value: Number(found.value) };
  }
  throw new YamlError(`yaml: cannot decode !!${found.type} \`${node.value}\` as a !!${wanted}`, placeOf(text, node));
}

function decodeBinary(text: string, node: ScalarNode): string {
  const compact = node.value.replaceAll(/[\r\n]/g, '');
  const bytes = Buffer.from(compact, 'base64');
  if (bytes.toString('base64') !== compact) {
    throw new YamlError('yaml: !!binary value contains invalid base64 data', placeOf(text, node));
  }
  return bytes.toString('utf8');
}

/** Go's bounds: up to 400,000 decoded nodes 99 % may come from aliases, from 4,000,000 on only 10 %. */
function allowedAliasRatio(decoded: number): number {
  const [low, high] = [400_000, 4_000_000];
  if (decoded <= low) return 0.99;
  if (decoded >= high) return 0.1;
  return 0.99 - 0.89 * ((decoded - low) / (high - low));
}

class Decoder {
  readonly #text: string;
  readonly #open = new Set<YamlNode>();
  #decoded = 0;
  #fromAliases = 0;

  constructor(text: string) {
    this.#text = text;
  }

  decode(node: YamlNode): YamlValue {
    this.#count(node);
    switch (node.kind) {
      case 'scalar':
        return resolveScalar(this.#text, node).value;
      case 'sequence':
        return node.items.map((item) => this.decode(item));
      case 'mapping':
        return this.#mapping(node, new Map());
      case 'alias':
        return this.#throughAlias(node, (target) => this.decode(target));
    }
  }

  #count(node: YamlNode): void {
    this.#decoded++;
    if (this.#open.size > 0) this.#fromAliases++;
    if (this.#fromAliases <= 100 || this.#decoded <= 1000) return;
    if (this.#fromAliases / this.#decoded > allowedAliasRatio(this.#decoded)) {
      throw this.#fault(node, 'document contains excessive aliasing');
    }
  }

  #mapping(node: MappingNode, into: YamlMap): YamlMap {
    const { items } = node;
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index];
      const value = items[index + 1];
      if (key === undefined || value === undefined) break;
      if (isMergeKey(key)) {
        this.#merge(value, into);
        continue;
      }
      const decodedKey = this.decode(key);
      if (typeof decodedKey === 'object' && decodedKey !== null) {
        throw this.#fault(key, `invalid map key: ${goSyntax(decodedKey)}`);
      }
      into.set(decodedKey, this.decode(value));
    }
    return into;
  }

  #merge(value: YamlNode, into: YamlMap): void {
    if (value.kind === 'sequence') {
      for (const item of value.items.toReversed()) this.#mergeOne(item, into);
    } else {
      this.#mergeOne(value, into);
    }
  }

  #mergeOne(value: YamlNode, into: YamlMap): void {
    this.#count(value);
    if (value.kind === 'mapping') {
      this.#mapping(value, into);
    } else if (value.kind === 'alias' && value.target.kind === 'mapping') {
      const { target } = value;
      this.#throughAlias(value, () => this.#mapping(target, into));
    } else {
      throw this.#fault(value, 'map merge requires map or sequence of maps as the value');
    }
  }

  #throughAlias<T>(alias: Extract<YamlNode, { kind: 'alias' }>, read: (target: YamlNode) => T): T {
    if (this.#open.has(alias)) throw this.#fault(alias, `anchor '${alias.name}' value contains itself`);
    this.#open.add(alias);
    const value = read(alias.target);
    this.#open.delete(alias);
    return value;
  }

  #fault(node: YamlNode, message: string): YamlError {
    return new YamlError(`yaml: ${message}`, placeOf(this.#text, node));
  }
}

/** `<<`, unless it is quoted. */
export function isMergeKey(key: YamlNode): boolean {
  return key.kind === 'scalar' && key.value === '<<' && (key.plain || key.tag === `${standard}merge`);
}

/**
 * The JSON that `kubectl` makes of a decoded document. Throws YamlError for what JSON can't say: a null key, NaN,
 * an integer that a double can't hold.
 */
export function toJson(value: YamlValue): Json {
  switch (typeof value) {
    case 'bigint':
      throw new YamlError(`the integer ${value} is too large to be kept exactly; quote it, or use one within ±2^53`);
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new YamlError(
        `json: unsupported value: ${value === Number.POSITIVE_INFINITY ? '+Inf' : Number.isNaN(value) ? 'NaN' : '-Inf'}`,
      );
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? value.map(toJson) : mapToJson(value);
    default:
      return value;
  }
}

function mapToJson(map: YamlMap): JsonObject {
  const object: JsonObject = {};
  for (const [key, value] of map) {
    if (key === null) throw new YamlError('a null can be no key in JSON; give the key a name, or quote it');
    const name = String(key);
    if (name === '__proto__') {
      Object.defineProperty(object, name, {
        value: toJson(value),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else {
      object[name] = toJson(value);
    }
  }
  return object;
}
