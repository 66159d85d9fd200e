import { compare } from './differential.ts';
import { GoReference } from './go-reference.ts';

const batch = 100;
const maxDifferences = 20;

/** `node run.ts COUNT [FIRST]`: compares so many templates with Go and prints where the two differ. */
const [count = '1000', first = '1'] = process.argv.slice(2);
const go = await GoReference.start();
if (!(go instanceof GoReference)) throw new Error(go.unavailable);
const end = Number(first) + Number(count);
let found = 0;
let seed = Number(first);
for (; seed < end && found < maxDifferences; seed += batch) {
  const differences = await compare(go, seed, Math.min(batch, end - seed));
  for (const difference of differences) console.log(JSON.stringify(difference));
  found += differences.length;
}
console.log(`${found} differences in the templates of seeds ${first} to ${Math.min(seed, end) - 1}`);
await go.stop();
