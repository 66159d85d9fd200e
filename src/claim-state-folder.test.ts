import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { claimStateFolder } from './claim-state-folder.ts';

const claiming = `
  const { claimStateFolder } = await import(process.argv[1]);
  await claimStateFolder(process.argv[2]);
  console.log('claimed');
  setInterval(() => {}, 60_000);
`;

/** Another process that has the folder. */
async function claimant(folder: string) {
  const module = new URL('./claim-state-folder.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', claiming, module, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

t.test('a second Fairway is refused with the process of the first, until that has ended', async (t) => {
  const folder = t.testdir();
  const first = await claimant(folder);
  const refused = {
    kind: 'conflict',
    message: `a Fairway runs on the state folder ${folder} already: process ${first.pid}. Stop it, or name another folder with --state or FAIRWAY_STATE`,
  };
  await t.rejects(claimStateFolder(folder), refused);
  await t.rejects(claimStateFolder(folder), refused);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const claim = await claimStateFolder(folder);
  await t.rejects(claimStateFolder(folder), { message: new RegExp(`already: process ${process.pid}\\.`) });
  await claim.release();
  await (await claimStateFolder(folder)).release();
});
