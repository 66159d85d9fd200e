import { type ByteString, bytesOf, textOf } from '../byte-string.ts';
import type { Value } from '../go-value.ts';
import { executeTemplate, parseTemplate } from '../template.ts';
import { TemplateError } from '../template-error.ts';
import { generateDot } from './data-generator.ts';
import type { GoReference, Rendered } from './go-reference.ts';
import { Random } from './random.ts';
import { TemplateGenerator } from './template-generator.ts';
import type { Twin } from './typed-value.ts';

export interface Disagreement {
  readonly seed: number;
  readonly template: ByteString;
  readonly go: Rendered;
  readonly ours: Rendered;
}

const noFunctions = new Map();

export function renderOurs(template: ByteString, dot: Value): Rendered {
  try {
    return { output: executeTemplate(parseTemplate('f.yaml', template, noFunctions), dot, noFunctions) };
  } catch (error) {
    if (error instanceof TemplateError) return { error: bytesOf(error.message) };
    throw error;
  }
}

/** A template and its data, of a seed. */
export function generateCase(seed: number): { readonly template: ByteString; readonly dot: Twin } {
  const random = new Random(seed);
  const dot = generateDot(random);
  return { template: new TemplateGenerator(random).generate(), dot };
}

/** Where the two don't render the same, and don't fail with the same message, of so many seeds from the first. */
export async function compare(go: GoReference, first: number, count: number): Promise<Disagreement[]> {
  const cases = Array.from({ length: count }, (_, index) => generateCase(first + index));
  const rendered = await go.render(cases.map(({ template, dot }) => ({ template, dot: dot.typed })));
  return cases.flatMap(({ template, dot }, index) => {
    const [theirs, ours] = [rendered[index], renderOurs(template, dot.value)];
    if (theirs === undefined || same(theirs, ours)) return [];
    return [{ seed: first + index, template, go: theirs, ours }];
  });
}

function same(left: Rendered, right: Rendered): boolean {
  if ('error' in left) return 'error' in right && comparable(left.error) === comparable(right.error);
  if (!('output' in right)) return false;
  return left.output === right.output || withoutAddresses(left.output) === withoutAddresses(right.output);
}

/** Our messages are text, also about bytes that aren't. */
function comparable(message: ByteString): string {
  return withoutAddresses(textOf(bytesOf(textOf(message))));
}

/** They differ from run to run. */
function withoutAddresses(text: string): string {
  return text.replace(/0x[0-9a-f]{10,12}|(?:\b|0b)(?:[0-9a-f]{10,12}|[01]{40,48}|[0-9]{13,16})\b/gi, 'ADDRESS');
}
