import { type Document, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { FairwayError } from './errors.ts';

/** One thing that is wrong in a file, where it stands. */
export interface ConfigProblem {
  file: string;
  /** From 1. */
  line: number;
  /** `rollout.waves[0].soak`, or '' for the file as a whole. */
  field: string;
  message: string;
}

/** `problem` says what is wrong with a field of a file that is valid by itself. */
export type ConfigFile<T> =
  | { outcome: 'valid'; value: T; problem(path: PropertyKey[], message: string): ConfigProblem }
  | { outcome: 'invalid'; problems: ConfigProblem[] };

/** `channels/dev.yaml:4: rollout.failureBudget: expected number, …` */
export function formatProblem({ file, line, field, message }: ConfigProblem): string {
  const place = line === 0 ? file : `${file}:${line}`;
  return `${place}: ${field === '' ? '' : `${field}: `}${message}`;
}

/** Reads a YAML file of the config repository against its schema; every problem names file, line and field. */
export function parseConfigFile<T>(file: string, text: string, schema: z.ZodType<T>): ConfigFile<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const lineOf = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => ({ file, line: lineOf(pos[0]), field: '', message }));
    return { outcome: 'invalid', problems };
  }
  const doubled = doubledKeys(document).map(({ path, offsets }) => {
    const places = offsets.map(lineOf);
    const message = `stands more than once in its mapping, in lines ${places.join(', ')}; keep one of them`;
    return { file, line: places.at(-1) ?? 1, field: formatPath(path), message };
  });
  if (doubled.length > 0) return { outcome: 'invalid', problems: doubled };
  const problem = (path: PropertyKey[], message: string): ConfigProblem => {
    let offset = 0;
    for (let depth = path.length; depth >= 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true);
      if (!isNode(node) || !node.range) continue;
      offset = node.range[0];
      break;
    }
    return { file, line: lineOf(offset), field: formatPath(path), message };
  };
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return { outcome: 'valid', value: parsed.data, problem };
  const issues = parsed.error.issues.flatMap(whatWasMeant);
  return { outcome: 'invalid', problems: issues.map(({ path, message }) => problem(path, message)) };
}

interface DoubledKey {
  path: PropertyKey[];
  /** Of each time that it is written. */
  offsets: number[];
}

/** Keys that stand more than once in their mapping, in whatever spelling; `1` and `"1"` are one. */
function doubledKeys(document: Document): DoubledKey[] {
  const doubled: DoubledKey[] = [];
  visit(document, {
    Map(_, node, ancestors) {
      const offsets = new Map<string, number[]>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        offsets.set(name, [...(offsets.get(name) ?? []), key.range?.[0] ?? 0]);
      }
      for (const [name, found] of offsets) {
        if (found.length > 1) doubled.push({ path: [...pathOf([...ancestors, node]), name], offsets: found });
      }
    },
  });
  return doubled;
}

/** Of the last of these, each of which is within the one before. */
function pathOf(ancestors: readonly unknown[]): PropertyKey[] {
  return ancestors.flatMap((ancestor, index): PropertyKey[] => {
    if (isPair(ancestor)) return isScalar(ancestor.key) ? [String(ancestor.key.value)] : [];
    const child = ancestors[index + 1];
    return isSeq(ancestor) ? [ancestor.items.indexOf(child)] : [];
  });
}

/** Where several forms are possible: what is wrong with the one that was begun, or else what each would be. */
function whatWasMeant(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== 'invalid_union') return [issue];
  const forms = issue.errors;
  const begun = forms.find((issues) => !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0));
  if (begun === undefined) {
    const message = forms.map(([first]) => first?.message ?? '').join('; or: ');
    return [{ path: issue.path, message: message || issue.message }];
  }
  return begun.flatMap(whatWasMeant).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
}

/** Like parseConfigFile, for callers that can't go on without the file. */
export function requireConfigFile<T>(file: string, text: string, schema: z.ZodType<T>): T {
  const parsed = parseConfigFile(file, text, schema);
  if (parsed.outcome === 'valid') return parsed.value;
  throw new FairwayError('refused', parsed.problems.map(formatProblem).join('\n'));
}

function formatPath(path: PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
