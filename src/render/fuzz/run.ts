import { compareFunctions } from './function-differential.ts';
import { RenderReference } from './render-reference.ts';
import { compareYaml } from './yaml-differential.ts';

const batch = 200;
const maxDifferences = 20;

/** `node run.ts yaml|functions COUNT [FIRST]`: compares so many generated inputs with Go and prints where the two differ. */
const [what, count = '1000', first = '1'] = process.argv.slice(2);
const go = await RenderReference.start();
if (!(go instanceof RenderReference)) throw new Error(go.unavailable);
const compare = what === 'functions' ? compareFunctions : compareYaml;
const end = Number(first) + Number(count);
let found = 0;
let seed = Number(first);
for (; seed < end && found < maxDifferences; seed += batch) {
  const differences = await compare(go, seed, Math.min(batch, end - seed));
  for (const difference of differences) console.log(JSON.stringify(difference));
  found += differences.length;
}
console.log(`${found} differences in the inputs of seeds ${first} to ${Math.min(seed, end) - 1}`);
await go.stop();
