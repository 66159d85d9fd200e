import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { cluster } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import { givenRun, stage } from './testing/engine-under-test.ts';

const secret = 'Xq7old9Lw2';
const shop = cluster.parse({
  id: 'shop',
  alias: 'shop',
  local_id: 'shop',
  api_server_url: '',
  channel: 'dev',
  provider: 'local',
  config_items: { db_password: secret },
});

t.test(
  'what a run tells holds no secret that a rendering met, that the registry has, or that looks like one',
  async (t) => {
    const evil = `${secret} and hunter2hunter2 and Bearer abcdefgh12345678\r\u001b[2J\0\u202E`;
    const { store, directory, artifacts, finish } = await givenRun(t, {
      scripts: {
        meet: (_, __, { world, log }) => {
          world.secrets.of('r1').hide(['hunter2hunter2']);
          log(`met ${evil}`);
          return { outcome: 'succeeded', summary: `met ${evil}`, output: { specs: [{ name: evil }], password: 'x9' } };
        },
        wait: (call) =>
          call === 1
            ? { outcome: 'running', progress: `waits for ${evil}`, retryAfter: 1, memo: evil }
            : { outcome: 'succeeded', summary: 'done' },
        keep: async (_, __, { world }) => {
          await world.artifacts.put('r1', 'a.txt', `kept ${evil}`);
          await world.artifacts.put('r1', 'a.json', JSON.stringify({ text: `"${evil}"`, list: [evil] }));
          await writeFile(join(directory, 'long.log'), `${`${'x'.repeat(99)}\n`.repeat(9_000)}kept ${evil}\n`);
          await world.artifacts.putFile('r1', 'long.log', join(directory, 'long.log'));
          throw new FairwayError('refused', `the API server said: ${evil}`);
        },
      },
      stages: [stage('first', 'meet'), stage('second', 'wait'), stage('third', 'keep')],
    });
    await store.clusters.put(shop);
    const run = await finish();
    const lines = await store.runs.log('r1', 0, 1_000);
    const files = await Promise.all(
      (await artifacts.list('r1')).map(async ({ name }) =>
        text((await artifacts.open('r1', name))?.stream ?? Readable.from([])),
      ),
    );
    const { stages, reason } = run;
    const told = [
      reason,
      ...lines.map((line) => line.text),
      ...files,
      JSON.stringify(stages.map((one) => ({ ...one, steps: one.steps.map((step) => ({ ...step, memo: null })) }))),
    ];
    t.equal(files.length, 3);
    for (const one of told) {
      for (const hidden of [secret, 'hunter2hunter2', 'abcdefgh12345678', '"x9"']) t.notMatch(one, hidden);
      t.notMatch(one, /[^\P{Cc}\n]|\p{Cf}/u);
    }
    t.match(reason, 'third: the API server said: (secret) and (secret) and Bearer (secret)\\r\\u001b[2J\\u0000\\u202e');
    t.match(lines.map((line) => line.text).join('\n'), 'met (secret) and (secret) and Bearer (secret)');
    t.match(files.at(-1), /x\nkept \(secret\) and \(secret\)/);
    t.strictSame(JSON.parse(files[0] ?? '').list, [
      '(secret) and (secret) and Bearer (secret)\\r\\u001b[2J\\u0000\\u202e',
    ]);
  },
);

t.test('a step that logs without end does not fill the store, and what was left out is said', async (t) => {
  const { store, finish } = await givenRun(t, {
    scripts: {
      shout: (_, __, { log }) => {
        for (let line = 0; line < 50_000; line++) log(`line ${line}`);
        log('y'.repeat(10_000_000));
        return { outcome: 'succeeded', summary: 'done' };
      },
    },
    stages: [stage('loud', 'shout')],
  });
  await finish();
  const lines = await store.runs.log('r1', 0, 100_000);
  t.ok(lines.length < 2_100, `${lines.length} lines`);
  t.match(lines.at(-1)?.text, /^… \d{5} more lines came at once and are left out here$/);
});
