import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { keptSecrets, readKeptSecrets } from './kept-secrets.ts';

t.test('secrets are made once, however many ask at the same time, and are their owner’s alone', async (t) => {
  const folder = t.testdir();
  t.equal(await readKeptSecrets(folder), undefined);
  const all = await Promise.all(Array.from({ length: 20 }, () => keptSecrets(folder)));
  for (const one of all) t.strictSame(one, all[0]);
  t.strictSame(await readdir(folder), ['secrets.json']);
  t.equal((await stat(join(folder, 'secrets.json'))).mode & 0o777, 0o600);
});

t.test('a damaged file is named, with what to do, and stays as it is', async (t) => {
  const folder = t.testdir();
  const file = join(folder, 'secrets.json');
  for (const text of ['', '{"webhook": "s3cr3t', '{"webhook": "s3cr3t"}', 'null']) {
    await writeFile(file, text);
    for (const read of [keptSecrets, readKeptSecrets])
      await t.rejects(read(folder), {
        kind: 'refused',
        message: `${file} is damaged. Put it back from a backup; or remove it, and new secrets are made: then the forge's webhook, and whoever uses the old tokens, must get the new ones`,
      });
    t.equal(await readFile(file, 'utf8'), text);
  }
});
