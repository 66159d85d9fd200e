import { readFileSync } from 'node:fs';
import t from 'tap';
import { z } from 'zod';
import { instanceValue } from '../instance.ts';
import { bytesOf, textOf } from '../template/byte-string.ts';
import { executeTemplate, parseTemplate } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { clmFunctions } from './clm-functions.ts';

/** Written by the Go program in ../fuzz/reference. */
const vector = z.object({
  group: z.string(),
  template: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
});
const fixture = new URL('../fixtures/function-vectors.json', import.meta.url);
const vectors = z.array(vector).parse(JSON.parse(readFileSync(fixture, 'utf8')));

const facts = { name: 'm5.large', vcpu: 2, memoryMiB: 7680, architecture: 'amd64', disks: 0, diskSizeGB: 0 };
const withTypes = {
  instanceTypes: new Map([['m5.large', instanceValue(facts)]]),
  imageId: () => '',
  siblingText: () => '',
};

function render(source: string, context: Parameters<typeof clmFunctions>[0] = withTypes): string {
  const functions = clmFunctions(context);
  try {
    return textOf(executeTemplate(parseTemplate('f.yaml', bytesOf(source), functions), undefined, functions));
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

for (const [group, members] of Map.groupBy(vectors, (of) => of.group)) {
  t.test(`as in Go: ${group}`, async (t) => {
    for (const { template, output, error } of members) t.equal(render(template), error ?? output, template);
  });
}

t.test('instance types', async (t) => {
  t.equal(render('{{instanceTypeCPUQuantity "m5.large"}} {{instanceTypeMemoryQuantity "m5.large"}}'), '2 7680Mi');
  t.match(render('{{instanceTypeCPUQuantity "x"}}'), /: unknown instance type: x$/);
  t.match(
    render('{{instanceTypeMemoryQuantity (print "m5.large")}}'),
    /at <"m5.large">: wrong type for value; expected types.InstanceType; got string$/,
  );
  t.match(
    render('{{instanceTypeCPUQuantity "m5.large"}}', { ...withTypes, instanceTypes: undefined }),
    /error calling instanceTypeCPUQuantity: runtime error: invalid memory address or nil pointer dereference$/,
  );
});

t.test('only the functions of CLM and of Go are there', async (t) => {
  for (const name of ['eksID', 'clusterName', 'env', 'toYaml', 'default', 'upper', 'quote']) {
    t.equal(render(`{{${name} "a"}}`), `template: f.yaml:1: function "${name}" not defined`);
  }
});
