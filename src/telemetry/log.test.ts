import { PassThrough } from 'node:stream';
import t from 'tap';
import { createLog, terminalLines } from './log.ts';

t.test('secrets are blacked out wherever they usually stand', async (t) => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  log.info(
    {
      token: 'hush-1',
      redis: { password: 'hush-2' },
      req: { headers: { authorization: 'Bearer hush-3', cookie: 'hush-4' } },
    },
    'up',
  );
  log.info(
    { req: { headers: { 'x-hub-signature-256': 'hush-5' } }, cluster: { kubeconfig: 'hush-6' }, run: 'r1' },
    'again',
  );
  log.debug('not asked for');
  t.notMatch(lines.join(), 'hush');
  t.match(JSON.parse(lines[0] ?? ''), { msg: 'up', token: '[redacted]', redis: { password: '[redacted]' } });
  t.match(JSON.parse(lines[1] ?? ''), { msg: 'again', run: 'r1', time: /^\d{4}-\d\d-\d\dT/ });
  t.equal(lines.length, 2);
});

t.test('on a terminal a text from outside can neither move the cursor nor pass for another line', async (t) => {
  const screen = new PassThrough();
  const log = createLog({ level: 'info', destination: terminalLines(screen) });
  log.warn(
    { branch: 'a\u001b[2K\nb', err: new Error('x\u009bJ\rmoved') },
    'fetched \u001b[1A\n[12:00:00] INFO: all is well\u202E',
  );
  const text = String(screen.read());
  t.match(text, 'fetched \\u001b[1A\\n[12:00:00] INFO: all is well\\u202e');
  t.match(text, 'x\\u009bJ\\rmoved');
  t.notMatch(text, /[^\P{Cc}\n\t]|\p{Cf}/u);
});
