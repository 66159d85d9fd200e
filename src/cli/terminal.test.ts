import { execFileSync } from 'node:child_process';
import t from 'tap';
import { table } from './table.ts';
import { logLine } from './terminal.ts';

const evil = 'ok\u001b[1A\u001b[2Kx\rteardown succeeded\u009b2J\u202Egnp';

t.test('a line of a log can neither move the cursor nor pass for the line of another stage', async (t) => {
  t.equal(
    logLine({ stage: 'e2e', text: `${evil}\nteardown     succeeded` }),
    'e2e          ok\\u001b[1A\\u001b[2Kx\\rteardown succeeded\\u009b2J\\u202egnp\n             teardown     succeeded',
  );
});

t.test('a cell of a table stays in its column', async (t) => {
  t.equal(
    table([
      ['RUN', 'STATUS', 'REASON'],
      ['r1\nr2', 'failed', `a\n${evil}`],
    ]),
    [
      'RUN     STATUS  REASON',
      'r1\\nr2  failed  a',
      '                ok\\u001b[1A\\u001b[2Kx\\rteardown succeeded\\u009b2J\\u202egnp',
      '',
    ].join('\n'),
  );
});

t.test('what a command prints holds no control characters, and its JSON still says the same', async (t) => {
  const program = `import { print, say } from ${JSON.stringify(new URL('./terminal.ts', import.meta.url).href)}; print(JSON.stringify({ evil: process.argv[1] }) + '\\n'); print(process.argv[1])`;
  const [json = '', text] = execFileSync(process.execPath, ['--input-type=module', '-e', program, evil], {
    encoding: 'utf8',
  }).split('\n');
  t.notMatch(json + text, /[\p{Cc}\p{Cf}]/u);
  t.strictSame(JSON.parse(json), { evil });
});
