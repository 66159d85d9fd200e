import t from 'tap';
import { compareFunctions } from './function-differential.ts';
import { RenderReference } from './render-reference.ts';

const cases = 4000;
const batch = 200;
const go = await RenderReference.start();
const skip = go instanceof RenderReference ? false : go.unavailable;
t.teardown(async () => {
  if (go instanceof RenderReference) await go.stop();
});

t.test(`${cases} generated calls of functions answer, or fail, as Go does`, { skip }, async (t) => {
  if (!(go instanceof RenderReference)) return;
  for (let seed = 1; seed <= cases; seed += batch) {
    for (const { seed: of, template, go: theirs, ours } of await compareFunctions(go, seed, batch)) {
      t.same(ours, theirs, `seed ${of}: ${JSON.stringify(template)}`);
    }
  }
  t.pass(`${cases} calls agreed`);
});
