import { bytesOfBuffer } from '../template/byte-string.ts';
import { Random } from '../template/fuzz/random.ts';
import { YamlError } from '../yaml/error.ts';
import { parseYaml } from '../yaml/parser.ts';
import { readStringMap } from '../yaml/string-map.ts';
import { yamlTextOf } from '../yaml/text.ts';
import { decodeYaml, type YamlValue } from '../yaml/value.ts';
import type { Answer, RenderReference } from './render-reference.ts';
import { YamlGenerator } from './yaml-generator.ts';

export type YamlKind = 'yaml' | 'strings';

export interface YamlDisagreement {
  readonly seed: number;
  readonly kind: YamlKind;
  readonly text: string;
  readonly go: unknown;
  readonly ours: unknown;
}

/** A decoded value in JSON that keeps what JSON can't say, as the Go program describes it. */
export function describeYaml(value: YamlValue): unknown {
  if (typeof value === 'bigint') return `big${value}`;
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'NaN';
    return Number.isFinite(value) ? value + 0 : value > 0 ? 'Inf' : '-Inf';
  }
  if (Array.isArray(value)) return value.map(describeYaml);
  if (!(value instanceof Map)) return value;
  const entries = [...value].map(([key, item]) => [JSON.stringify(describeYaml(key)), describeYaml(item)] as const);
  return { m: entries.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

/** The documents that aren't null. */
export function readDocuments(text: string): unknown[] {
  const documents = parseYaml(text).map((document) => decodeYaml(text, document));
  return [...documents.filter((value) => value !== null).map(describeYaml)];
}

/** Where we don't read the same as yaml.v2, or don't refuse it in its words, of so many seeds from the first. */
export async function compareYaml(go: RenderReference, first: number, count: number): Promise<YamlDisagreement[]> {
  const cases = Array.from({ length: count }, (_, index) => generateYaml(first + index));
  const answers = await go.ask(cases.map(({ kind, bytes }) => ({ kind, text: bytes })));
  return cases.flatMap(({ kind, bytes, seed }, index) => {
    const answer = answers[index];
    if (answer === undefined) return [];
    const [theirs, ours] = [goResult(kind, answer), ourResult(kind, bytes)];
    if (isUnfair(bytes, theirs, ours)) return [];
    const manifests = survives(theirs) ? (answer.remarshalled ?? theirs) : theirs;
    if (comparable(theirs) === comparable(ours) && comparable(manifests) === comparable(theirs)) return [];
    return [{ seed, kind, text: bytes.toString('latin1'), go: [theirs, manifests], ours }];
  });
}

export function generateYaml(seed: number): { seed: number; kind: YamlKind; bytes: Buffer } {
  const random = new Random(seed);
  const kind = random.chance(0.25) ? 'strings' : 'yaml';
  const generator = new YamlGenerator(random);
  const text = Buffer.from(kind === 'yaml' ? generator.generate() : generator.generateDefaults());
  if (random.chance(0.97)) return { seed, kind, bytes: text };
  const at = random.below(text.length + 1);
  const wrong = Buffer.from(Array.from({ length: 1 + random.below(3) }, () => 0x80 + random.below(0x80)));
  return { seed, kind, bytes: Buffer.concat([text.subarray(0, at), wrong, text.subarray(at)]) };
}

/**
 * Go's package reads the text bit by bit, and may find another fault before one of the characters further down. Bytes that
 * are no text, as `!!binary` makes them, have no text to compare.
 */
function isUnfair(bytes: Buffer, theirs: unknown, ours: unknown): boolean {
  // Go's package takes the second of two byte order marks for one at the beginning of each line.
  if (bytes.indexOf('\ufeff\ufeff') === 0) return true;
  if (bytes.toString().endsWith('\ufffd') || /incomplete UTF-8/.test(JSON.stringify(ours))) return true;
  const [go, us] = [JSON.stringify(theirs), JSON.stringify(ours)];
  if (/\\x[0-9a-f]{2}|ufffd|\ufffd/.test(go) && us.includes('\ufffd')) return true;
  return bytes.length > 400 && /control characters are not allowed|UTF-8 octet/.test(us);
}

/**
 * yaml.v3 drops the first line break of a text and a text's indentation in a list, and merges a `<<` that was quoted. A
 * NaN is never found again in a map.
 */
function survives(values: unknown): boolean {
  return !/"(?:\\+n| |NaN|<<)/.test(JSON.stringify(values));
}

function goResult(kind: YamlKind, answer: Answer): unknown {
  if (answer.error !== undefined) return { error: Buffer.from(answer.error, 'base64').toString() };
  return kind === 'yaml' ? (answer.values ?? []) : sorted(Object.entries(answer.strings ?? {}));
}

export function ourResult(kind: YamlKind, bytes: Buffer): unknown {
  try {
    const text = yamlTextOf(bytesOfBuffer(bytes));
    if (kind === 'yaml') return readDocuments(text);
    return sorted([...readStringMap(text)]);
  } catch (error) {
    if (error instanceof YamlError) return { error: error.message };
    throw error;
  }
}

function sorted(entries: [string, string][]): [string, string][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Bytes that are no text are described in many ways, and Go orders the keys of a map by their types' addresses. */
function comparable(result: unknown): string {
  return JSON.stringify(result)
    .replaceAll(/\\+u(202[89]|fffd)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(/\ufffd+/g, '\ufffd')
    .replace(/invalid map key: .*/, (message) =>
      message
        .split(/[{}, ]+/)
        .sort()
        .join(' '),
    );
}
