import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { GoProgram, type Unavailable } from '../../fuzz/go-program.ts';
import { type ByteString, bufferOf, bytesOfBuffer } from '../byte-string.ts';
import type { TypedValue } from './typed-value.ts';

const answer = z.object({ output: z.string().optional(), error: z.string().optional() });

/** What Go made of a template. */
export type Rendered = { readonly output: ByteString } | { readonly error: ByteString };

/** Go's own text/template. */
export class GoReference {
  readonly #program: GoProgram;

  constructor(program: GoProgram) {
    this.#program = program;
  }

  static async start(): Promise<GoReference | Unavailable> {
    const program = await GoProgram.start(fileURLToPath(new URL('.', import.meta.url)));
    return program instanceof GoProgram ? new GoReference(program) : program;
  }

  /** What Go makes of each, in order. */
  async render(cases: readonly { readonly template: ByteString; readonly dot: TypedValue }[]): Promise<Rendered[]> {
    const requests = cases.map(({ template, dot }) => ({ template: bufferOf(template).toString('base64'), dot }));
    const answers = await this.#program.ask(requests);
    return answers.map((text, index) => {
      if (text === undefined) throw new Error(`Go's text/template died of ${JSON.stringify(cases[index]?.template)}`);
      const { output, error } = answer.parse(text);
      return error === undefined ? { output: decode(output ?? '') } : { error: decode(error) };
    });
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }
}

function decode(base64: string): ByteString {
  return bytesOfBuffer(Buffer.from(base64, 'base64'));
}
