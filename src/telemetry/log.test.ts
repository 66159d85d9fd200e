import t from 'tap';
import { createLog } from './log.ts';

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
