import t from 'tap';
import { clmFunctions } from '../functions/clm-functions.ts';
import type { ByteString } from './byte-string.ts';
import { maxSteps, maxTemplateDepth } from './execution.ts';
import { maxExpressionDepth } from './expression-parser.ts';
import { anyMap } from './go-value.ts';
import { maxOutputBytes } from './printer.ts';
import { executeTemplate, maxTemplateBytes, parseTemplate } from './template.ts';
import { TemplateError } from './template-error.ts';

const noFunctions = new Map();

function render(source: ByteString): ByteString {
  const dot = anyMap([['s', 'text']]);
  return executeTemplate(parseTemplate('f.yaml', source, noFunctions), dot, noFunctions);
}

/** The sentence of the refusal; what is thrown instead of a TemplateError fails the test. */
function refusal(source: ByteString): string {
  try {
    return `not refused: ${render(source).slice(0, 100)}`;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

t.test('a template of 10 MB is refused with its size and the limit', async (t) => {
  t.equal(
    refusal('{{.}}'.repeat(2_000_000)),
    `template: f.yaml:1: template has 10000000 bytes, the limit is ${maxTemplateBytes}`,
  );
});

t.test('a template of the largest size, all of actions, is read and executed', async (t) => {
  const actions = Math.floor(maxTemplateBytes / '{{.s}}'.length);
  t.equal(render('{{.s}}'.repeat(actions)).length, 'text'.length * actions);
});

t.test('a template of one line is read in time that grows with its length only', async (t) => {
  t.equal(render('{{.s}}'.repeat(100_000)), 'text'.repeat(100_000));
  t.match(refusal(`${'{{.s}}'.repeat(100_000)}{{if}}`), /^template: f.yaml:1: missing value for if$/);
});

t.test('blocks nest 10,000 deep', async (t) => {
  t.equal(render(`${'{{if true}}'.repeat(10_000)}x${'{{end}}'.repeat(10_000)}`), 'x');
  t.equal(render(`${'{{range 1}}'.repeat(10_000)}x${'{{end}}'.repeat(10_000)}`), 'x');
  t.equal(render(`{{if false}}${'{{else if false}}'.repeat(10_000)}{{else}}x{{end}}`), 'x');
  t.equal(refusal('{{if true}}'.repeat(10_000)), 'template: f.yaml:1: unexpected EOF');
});

t.test('templates defined in each other 10,000 deep are refused where the second begins', async (t) => {
  t.match(refusal('{{define "a"}}'.repeat(10_000)), /unexpected <define> in command$/);
  t.match(refusal('{{block "a" .}}'.repeat(10_000)), /unexpected EOF$/);
});

t.test(`parentheses nest up to ${maxExpressionDepth} deep`, async (t) => {
  const nested = (depth: number) => `{{${'('.repeat(depth)}1${')'.repeat(depth)}}}`;
  t.equal(render(nested(maxExpressionDepth)), '1');
  t.equal(refusal(nested(maxExpressionDepth + 1)), 'template: f.yaml:1: max expression depth exceeded');
  t.equal(refusal(`{{${'('.repeat(1_000_000)}`), 'template: f.yaml:1: max expression depth exceeded');
  t.equal(render(`{{${'not ('.repeat(maxExpressionDepth)}1${')'.repeat(maxExpressionDepth)}}}`), 'true');
});

t.test('a template that calls itself without end is refused at the depth that Go has', async (t) => {
  t.equal(
    refusal('{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}'),
    `template: f.yaml:1:25: executing "a" at <{{template "a" .}}>: exceeded maximum template depth (${maxTemplateDepth})`,
  );
  t.match(refusal('{{define "a"}}{{range 2}}{{template "a" .}}{{end}}{{end}}{{template "a" .}}'), /template depth/);
});

t.test('a range over a thousand million ends', async (t) => {
  t.equal(
    refusal('{{range 1000000000}}{{end}}'),
    `template: f.yaml:1:8: executing "f.yaml" at <1000000000>: execution exceeds ${maxSteps} steps`,
  );
  t.match(refusal('{{range 1000000000}}{{range 1000000000}}{{end}}{{end}}'), /exceeds 10000000 steps$/);
  t.match(refusal('{{range 1000000000}}{{if eq . 5}}{{continue}}{{end}}{{end}}'), /exceeds 10000000 steps$/);
});

t.test('output that grows without end is refused', async (t) => {
  const doubling = `{{$x := "0123456789"}}{{range 60}}{{$x = print $x $x}}{{end}}`;
  t.match(refusal(doubling), new RegExp(`error calling print: result exceeds ${maxOutputBytes} bytes$`));
  t.match(
    refusal(`{{$x := print ${'"0123456789" '.repeat(1000)}}}{{range 100000}}{{$x}}{{end}}`),
    /output exceeds \d+ bytes$/,
  );
  t.match(
    refusal(
      `{{$x := "a"}}{{range 40}}{{$x = printf "%1000000s%s" $x $x}}{{end}}{{range 100}}{{$x = print $x $x}}{{end}}`,
    ),
    /exceeds/,
  );
});

t.test('work on long strings counts', async (t) => {
  const long = `{{$x := "0123456789"}}{{range 20}}{{$x = print $x $x}}{{end}}`;
  t.match(refusal(`${long}{{range 1000000000}}{{$y := eq $x "a"}}{{end}}`), /exceeds 10000000 steps$/);
  t.match(refusal(`${long}{{range 1000000000}}{{$y := html $x}}{{end}}`), /exceeds 10000000 steps$/);
});

t.test('NUL bytes and invalid UTF-8 pass through as text and are refused in actions', async (t) => {
  t.equal(render('\0\xff\xfe{{.s}}\0'), '\0\xff\xfetext\0');
  t.equal(refusal('{{\0}}'), 'template: f.yaml:1: unrecognized character in action: U+0000');
  t.equal(refusal('{{\xff}}'), "template: f.yaml:1: unrecognized character in action: U+FFFD '\ufffd'");
  t.equal(refusal('{{.s\0}}'), 'template: f.yaml:1: bad character U+0000');
  t.equal(render('{{"\xff"}}'), '\xef\xbf\xbd', 'Go reads what is no UTF-8 in quotes as U+FFFD');
  t.equal(render('{{`\xff`}}'), '\xff');
  t.equal(render('{{len `\xff\0`}}'), '2');
});

t.test('a value nested deeper than can be printed is refused', async (t) => {
  const functions = clmFunctions({ instanceTypes: undefined, imageId: () => '', siblingText: () => '' });
  const source = '{{$d := dict "a" 1}}{{range 100000}}{{$d = dict "a" $d}}{{end}}{{$d}}';
  const template = parseTemplate('f.yaml', source, functions);
  t.throws(() => executeTemplate(template, undefined, functions), {
    message: 'template: f.yaml:1:65: executing "f.yaml" at <$d>: the value is too large or nests too deeply',
  });
  const wide = '{{$d := dict "a" 1}}{{range 60}}{{$d = dict "a" $d "b" $d}}{{end}}{{$d}}';
  t.throws(() => executeTemplate(parseTemplate('f.yaml', wide, functions), undefined, functions), {
    message: `template: f.yaml:1:68: executing "f.yaml" at <$d>: result exceeds ${maxOutputBytes} bytes`,
  });
});
