import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readLog } from './read-log.ts';

const log = await readFile(join(import.meta.dirname, 'fixtures', 'one-failed-log.txt'), 'utf8');

t.test('a whole log tells total, done, failed and the latest spec by its plain name', async (t) => {
  t.same(readLog(log), {
    total: 4,
    done: 4,
    failed: 1,
    latest: '[sig-node] Pods should get a host IP [NodeConformance] [Conformance]',
  });
});

t.test('a log that still grows tells what has ended so far', async (t) => {
  const half = log.slice(0, log.indexOf('• [0.256 seconds]'));
  t.same(readLog(half), {
    total: 4,
    done: 2,
    failed: 0,
    latest: '[sig-apps] CronJob should support CronJob API operations [Conformance]',
  });
});

t.test('before ginkgo has counted, nothing is known', async (t) => {
  t.same(readLog(''), { total: undefined, done: 0, failed: 0, latest: '' });
});
