import t from 'tap';
import { compare } from './differential.ts';
import { GoReference } from './go-reference.ts';

const cases = 2000;
const batch = 100;
const go = await GoReference.start();
const skip = go instanceof GoReference ? false : go.unavailable;
t.teardown(async () => {
  if (go instanceof GoReference) await go.stop();
});

t.test(`${cases} generated templates render, or fail, as in Go`, { skip }, async (t) => {
  if (!(go instanceof GoReference)) return;
  for (let seed = 1; seed <= cases; seed += batch) {
    for (const { seed: of, template, go: theirs, ours } of await compare(go, seed, batch)) {
      t.same(ours, theirs, `seed ${of}: ${template}`);
    }
  }
  t.pass(`${cases} templates agreed`);
});
