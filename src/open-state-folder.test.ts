import { chmod, chown, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openStateFolder } from './open-state-folder.ts';

const isRoot = process.geteuid?.() === 0;
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

async function placeFor(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-state-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'state');
}

t.test('a new one is its owner’s alone, and so is what lies in it', async (t) => {
  const state = await placeFor(t);
  await openStateFolder(state, (line) => t.fail(line));
  t.equal(await modeOf(state), '700');
  for (const name of await readdir(state)) t.equal(await modeOf(join(state, name)), '700', name);
  await openStateFolder(state, (line) => t.fail(line));
});

t.test('one that is open to others is closed, with all in it, and that is told', async (t) => {
  const state = await placeFor(t);
  await openStateFolder(state, (line) => t.fail(line));
  await writeFile(join(state, 'secrets.json'), '{}', { mode: 0o644 });
  await symlink('/etc/hostname', join(state, 'link'));
  await chmod(state, 0o755);
  await chmod(join(state, 'git'), 0o777);
  const before = await modeOf('/etc/hostname');
  const told: string[] = [];
  await openStateFolder(state, (line) => told.push(line));
  t.strictSame(told, [
    `the state folder ${state} was open to other users of this machine (mode 755) and is closed now; ` +
      'if they are not to be trusted, make the secrets in it anew',
  ]);
  t.strictSame(
    [await modeOf(state), await modeOf(join(state, 'secrets.json')), await modeOf(join(state, 'git'))],
    ['700', '600', '700'],
  );
  t.equal(await modeOf('/etc/hostname'), before, 'what lies elsewhere is left alone');
});

t.test('one that can’t be used is refused with a sentence', async (t) => {
  const state = await placeFor(t);
  const ignore = () => {};
  await writeFile(state, '');
  await t.rejects(openStateFolder(state, ignore), {
    kind: 'refused',
    message: /^the state folder .*state can't be made: EEXIST.*; or name another folder with --state or FAIRWAY_STATE$/,
  });
  await t.rejects(openStateFolder(join(state, 'below'), ignore), {
    kind: 'refused',
    message: /can't be made: ENOTDIR/,
  });
  await t.rejects(openStateFolder('/proc/sys', ignore), { kind: 'refused', message: /^the state folder \/proc\/sys / });
});

t.test(
  'what belongs to another user is refused',
  { skip: isRoot ? false : 'only root can give files away' },
  async (t) => {
    const state = await placeFor(t);
    await openStateFolder(state, (line) => t.fail(line));
    await writeFile(join(state, 'secrets.json'), '{}', { mode: 0o600 });
    await chown(join(state, 'secrets.json'), 1234, 1234);
    await t.rejects(
      openStateFolder(state, () => {}),
      {
        kind: 'refused',
        message: `in the state folder ${state}/secrets.json belongs to user 1234, who could change it, and Fairway runs as user 0; give it to 0, or name another folder with --state or FAIRWAY_STATE`,
      },
    );
    await chown(state, 1234, 1234);
    await t.rejects(
      openStateFolder(state, () => {}),
      { message: /^the state folder .*\/state belongs to user 1234/ },
    );
  },
);
