import t from 'tap';
import { executeTemplate, parseTemplate } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { clmFunctions } from './clm-functions.ts';

const functions = clmFunctions({ instanceTypes: undefined, imageId: () => '', siblingText: () => '' });

/** The sentence of the refusal; what is thrown instead of a TemplateError fails the test. */
function outcome(source: string): string {
  try {
    return executeTemplate(parseTemplate('f.yaml', source, functions), undefined, functions).slice(0, 100);
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

/** `$x` is the text many times: eight million bytes, or so. */
function long(text: string): string {
  return `{{$x := "${text}"}}{{range ${Math.floor(23 - Math.log2(text.length))}}}{{$x = print $x $x}}{{end}}`;
}

const forever = 'range 1000000000';

t.test('results without measure are refused before they are made', async (t) => {
  t.match(outcome('{{indent 1000000000 "a"}}'), /error calling indent: result exceeds \d+ bytes$/);
  t.match(outcome('{{indexedList "$" 1000000000}}'), /error calling indexedList: result exceeds \d+ bytes$/);
  t.match(outcome(`${long('a')}{{split $x ""}}`), /error calling split: the text has more than 1000000 parts$/);
  t.match(outcome(`${long(',')}{{split $x ","}}`), /error calling split: the text has more than 1000000 parts$/);
  for (const name of ['portRanges', 'sgIngressRanges', 'extractEndpointHosts']) {
    t.match(outcome(`${long(',')}{{${name} $x}}`), /: the text has more than 1000000 parts$/, name);
  }
  t.equal(outcome('{{printf "%1000000000d" 1}}'), '%!(NOVERB)%!(EXTRA int=1)');
  t.match(outcome(`{{printf "${'%999999[1]d'.repeat(50)}" 1}}`), /error calling printf: result exceeds \d+ bytes$/);
});

t.test('numbers of millions of digits are refused', async (t) => {
  for (const digits of ['9', '0', '0.']) {
    const source = `${long('9')}{{sumQuantities (print "${digits}" $x)}}`;
    t.match(outcome(source), /error calling sumQuantities: a quantity may have up to 10000 characters$/);
  }
  t.match(outcome('{{sumQuantities "1e999999999"}}'), /the exponent of a quantity may be up to 10000$/);
  for (const digits of ['9', '0x9', '0b1', '01']) {
    t.equal(outcome(`{{${digits.padEnd(1_000_000, '1')}}}`), 'template: f.yaml:1: number of more than 10000 digits');
  }
  t.match(outcome(`${long('9')}{{parseInt64 $x}}`), /: value out of range$/);
});

t.test('PEM without end is read in time that grows with its length only', async (t) => {
  for (const text of ['\\n-----END ', '\\n-----BEGIN a-----\\n', '-----BEGIN a-----\\na:b\\n-----END b-----\\n']) {
    t.match(outcome(`${long(text)}{{publicKey $x}}`), /error calling publicKey: no PEM data found$/);
  }
});

t.test('whatever a round of a range does counts', async (t) => {
  const many = 500_000;
  const rounds = {
    arguments: `{{$y := or ${'nil '.repeat(many)}}}`,
    pipes: `{{$y := 1${'|print'.repeat(many)}}}`,
    parentheses: `{{$y := eq ${'(1) '.repeat(many)}}}`,
    variables: `${'{{$y := 1}}'.repeat(many / 2)}{{$}}`,
  };
  for (const [what, round] of Object.entries(rounds)) {
    t.match(outcome(`{{${forever}}}${round}{{end}}`), /execution exceeds 10000000 steps$/, what);
  }
  const entries = Array.from({ length: 100_000 }, (_, index) => `"${index}" 1`).join(' ');
  t.match(
    outcome(`{{$d := dict ${entries}}}{{${forever}}}{{range $d}}{{break}}{{end}}{{end}}`),
    /exceeds 10000000 steps$/,
  );
  t.match(outcome(`{{$x := split "a" ","}}{{${forever}}}{{$x = append $x "a"}}{{end}}`), /exceeds 10000000 steps$/);
});
