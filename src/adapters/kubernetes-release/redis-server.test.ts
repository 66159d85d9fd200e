import { access } from 'node:fs/promises';
import { execa } from 'execa';
import t from 'tap';
import { findRedisServer } from './redis-server.ts';

const signal = AbortSignal.timeout(120_000);
const apt = await access('/usr/bin/apt-get').then(
  () => true,
  () => false,
);

t.test('a redis-server on PATH is taken as it is', async (t) => {
  const folder = t.testdir({ 'redis-server': t.fixture('file', '#!/bin/sh\n') });
  await execa('chmod', ['+x', `${folder}/redis-server`]);
  const found = await findRedisServer({ report: () => t.fail('nothing to do'), signal, env: { PATH: folder } });
  t.same(found, { file: `${folder}/redis-server`, env: {} });
});

t.test(
  'without one it is unpacked from the OS package, runs from there, and is found again',
  {
    skip: apt ? false : 'needs apt-get',
  },
  async (t) => {
    const lines: string[] = [];
    const env = { PATH: '/nonexistent', XDG_CACHE_HOME: t.testdir() };
    const options = { report: (line: string) => lines.push(line), signal, env };
    const both = await Promise.all([findRedisServer(options), findRedisServer(options)]);
    t.same(both[0], both[1]);
    t.equal(lines.filter((line) => line === 'unpacking redis-server from its OS package').length, 1);
    const { stdout } = await execa(both[0].file, ['--version'], { env: both[0].env });
    t.match(stdout, /^Redis server v=/);
    lines.length = 0;
    t.same(await findRedisServer(options), both[0]);
    t.same(lines, []);
  },
);
