import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { GoProgram, type Unavailable } from './go-program.ts';

const answer = z.object({
  output: z.base64().optional(),
  values: z.array(z.json()).optional(),
  remarshalled: z.array(z.json()).optional(),
  strings: z.record(z.string(), z.string()).optional(),
  error: z.base64().optional(),
});
export type Answer = z.infer<typeof answer>;

export interface Question {
  readonly kind: 'yaml' | 'strings' | 'template';
  readonly text: Buffer;
}

/** What Go's own packages make of YAML texts and of CLM's functions. */
export class RenderReference {
  readonly #program: GoProgram;

  constructor(program: GoProgram) {
    this.#program = program;
  }

  static async start(): Promise<RenderReference | Unavailable> {
    const program = await GoProgram.start(fileURLToPath(new URL('reference/', import.meta.url)));
    return program instanceof GoProgram ? new RenderReference(program) : program;
  }

  async ask(questions: readonly Question[]): Promise<Answer[]> {
    const requests = questions.map(({ kind, text }) => ({ kind, text: text.toString('base64') }));
    const answers = await this.#program.ask(requests);
    return answers.map((given, index) => {
      if (given === undefined) throw new Error(`the Go program died of ${questions[index]?.text.toString()}`);
      return answer.parse(given);
    });
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }
}
