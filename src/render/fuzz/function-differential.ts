import { clmFunctions } from '../functions/clm-functions.ts';
import { type ByteString, bufferOf, bytesOf, textOf } from '../template/byte-string.ts';
import { Random } from '../template/fuzz/random.ts';
import { executeTemplate, parseTemplate } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { FunctionGenerator } from './function-generator.ts';
import type { Answer, RenderReference } from './render-reference.ts';

export interface FunctionDisagreement {
  readonly seed: number;
  readonly template: ByteString;
  readonly go: string;
  readonly ours: string;
}

const functions = clmFunctions({ instanceTypes: undefined, imageId: () => '', siblingText: () => '' });

/** Where CLM's functions don't answer as Go's packages do, of so many seeds from the first. */
export async function compareFunctions(
  go: RenderReference,
  first: number,
  count: number,
): Promise<FunctionDisagreement[]> {
  const cases = Array.from({ length: count }, (_, index) =>
    new FunctionGenerator(new Random(first + index)).generate(),
  );
  const answers = await go.ask(cases.map((template) => ({ kind: 'template', text: bufferOf(template) })));
  return cases.flatMap((template, index) => {
    const [theirs, ours] = [goResult(answers[index]), ourResult(template)];
    return theirs === ours ? [] : [{ seed: first + index, template, go: theirs, ours }];
  });
}

function goResult(answer: Answer | undefined): string {
  if (answer?.error === undefined) return Buffer.from(answer?.output ?? '', 'base64').toString();
  return comparable(Buffer.from(answer.error, 'base64').toString());
}

function ourResult(template: ByteString): string {
  try {
    return textOf(executeTemplate(parseTemplate('f.yaml', template, functions), undefined, functions));
  } catch (error) {
    if (error instanceof TemplateError) return comparable(textOf(bytesOf(error.message)));
    throw error;
  }
}

/** What others than Go say about a broken key, certificate or address isn't the same. */
function comparable(message: string): string {
  return message
    .replaceAll(/\ufffd+/g, '\ufffd')
    .replace(/(?<=invalid host: ParseAddr).*/s, '')
    .replace(
      /(?<=error calling \w+: )(failed to parse public key: |asn1|x509: (?!failed to parse private)|crypto\/rsa).*/s,
      '',
    );
}
