import { isNode, LineCounter, parseDocument } from 'yaml';
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

export type ConfigFile<T> = { outcome: 'valid'; value: T } | { outcome: 'invalid'; problems: ConfigProblem[] };

/** `channels/dev.yaml:4: rollout.failureBudget: expected number, …` */
export function formatProblem({ file, line, field, message }: ConfigProblem): string {
  return `${file}:${line}: ${field === '' ? '' : `${field}: `}${message}`;
}

/** Reads a YAML file of the config repository against its schema; every problem names file, line and field. */
export function parseConfigFile<T>(file: string, text: string, schema: z.ZodType<T>): ConfigFile<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => ({ file, line: lineOf(pos[0]), field: '', message }));
    return { outcome: 'invalid', problems };
  }
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return { outcome: 'valid', value: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => {
    let offset = 0;
    for (let depth = path.length; depth >= 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true);
      if (!isNode(node) || !node.range) continue;
      offset = node.range[0];
      break;
    }
    return { file, line: lineOf(offset), field: formatPath(path), message };
  });
  return { outcome: 'invalid', problems };
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
