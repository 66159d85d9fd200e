import { readFileSync } from 'node:fs';
import t from 'tap';
import { z } from 'zod';
import { type ByteString, bytesOfBuffer, textOf } from './byte-string.ts';
import { renderOurs } from './fuzz/differential.ts';
import { regressionDot } from './fuzz/regression-dot.ts';

const { vectors } = z
  .object({
    vectors: z.array(
      z.object({
        name: z.string(),
        template: z.base64(),
        output: z.base64().optional(),
        error: z.string().optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../fixtures/text-template-vectors.json', import.meta.url), 'utf8')));

function decode(base64: string): ByteString {
  return bytesOfBuffer(Buffer.from(base64, 'base64'));
}

for (const { name, template, output, error } of vectors) {
  t.test(`as in Go: ${name}`, async (t) => {
    const rendered = renderOurs(decode(template), regressionDot().value);
    if (error === undefined) t.same(rendered, { output: decode(output ?? '') });
    else t.equal('error' in rendered ? textOf(rendered.error) : rendered.output, error);
  });
}
