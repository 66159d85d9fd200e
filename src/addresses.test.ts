import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { noteAddresses, readAddresses } from './addresses.ts';

t.test(
  'where a Fairway is can be read while it runs, and not when it has ended or was killed in writing',
  async (t) => {
    const state = await mkdtemp(join(tmpdir(), 'fairway-addresses-'));
    t.teardown(() => rm(state, { recursive: true, force: true }));
    t.equal(await readAddresses(state), undefined);
    const found = { server: 'http://127.0.0.1:8420', forge: 'http://127.0.0.1:8421' };
    const note = await noteAddresses(state, found);
    t.strictSame(await readAddresses(state), found);
    await writeFile(join(state, 'addresses.json'), '{"server":"http');
    t.equal(await readAddresses(state), undefined);
    await note.forget();
    await note.forget();
    t.equal(await readAddresses(state), undefined);
  },
);
