import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import t from 'tap';
import { readUsersFile, usersOfFile } from './users-file.ts';

t.test('who is taken out of the file is out at once, and a broken file lets nobody in or out', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-users-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'users.yaml');
  const write = async (...users: string[]) => {
    const lines = users.map((user) => `  - {user: ${user}, role: viewer, tokenSha256: ${'a'.repeat(64)}}\n`);
    await writeFile(`${file}.new`, `users:\n${lines.join('')}`);
    await rename(`${file}.new`, file);
  };
  await write('jane', 'joe');
  const said: string[] = [];
  const log = pino({ base: {} }, { write: (line) => void said.push(line) });
  const users = usersOfFile(file, readUsersFile(file), log);
  const names = async () => (await users()).map(({ user }) => user);
  t.same(await names(), ['jane', 'joe']);
  await write('joe');
  t.same(await names(), ['joe']);
  t.same(said, []);
  await writeFile(file, 'users:\n  - {user: joe, role: boss}\n');
  t.same(await names(), ['joe']);
  await users();
  t.equal(said.length, 1, 'it is said once');
  t.match(said[0], /the users that it had before still count: .*users.yaml:2: users\[0\].role/);
  await rm(file);
  t.same(await names(), ['joe']);
  t.match(said[1], /ENOENT/);
  await write('jim');
  t.same(await names(), ['jim']);
});
