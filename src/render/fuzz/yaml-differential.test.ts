import t from 'tap';
import { RenderReference } from './render-reference.ts';
import { compareYaml } from './yaml-differential.ts';

const cases = 4000;
const batch = 200;
const go = await RenderReference.start();
const skip = go instanceof RenderReference ? false : go.unavailable;
t.teardown(async () => {
  if (go instanceof RenderReference) await go.stop();
});

t.test(`${cases} generated YAML texts are read, or refused, as by yaml.v2`, { skip }, async (t) => {
  if (!(go instanceof RenderReference)) return;
  for (let seed = 1; seed <= cases; seed += batch) {
    for (const { seed: of, text, go: theirs, ours } of await compareYaml(go, seed, batch)) {
      t.same(ours, theirs, `seed ${of}: ${JSON.stringify(text)}`);
    }
  }
  t.pass(`${cases} texts agreed`);
});
