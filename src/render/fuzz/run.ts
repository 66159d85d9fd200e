import { compare as compareTemplates } from '../template/fuzz/differential.ts';
import { GoReference } from '../template/fuzz/go-reference.ts';
import { compareFunctions } from './function-differential.ts';
import type { Unavailable } from './go-program.ts';
import { RenderReference } from './render-reference.ts';
import { compareYaml } from './yaml-differential.ts';

const batch = 200;
const maxDifferences = 20;

/** `node run.ts yaml|functions|templates COUNT [FIRST]`: compares so many generated inputs with Go and prints where the two differ. */
const [what, count = '1000', first = '1'] = process.argv.slice(2);
if (what === 'templates') await search(await GoReference.start(), compareTemplates);
else await search(await RenderReference.start(), what === 'functions' ? compareFunctions : compareYaml);

async function search<Go extends { stop(): Promise<void> }>(
  go: Go | Unavailable,
  compare: (go: Go, seed: number, count: number) => Promise<readonly unknown[]>,
): Promise<void> {
  if ('unavailable' in go) throw new Error(go.unavailable);
  const end = Number(first) + Number(count);
  let found = 0;
  let seed = Number(first);
  for (; seed < end && found < maxDifferences; seed += batch) {
    const differences = await compare(go, seed, Math.min(batch, end - seed));
    for (const difference of differences) console.log(JSON.stringify(difference));
    found += differences.length;
  }
  console.log(`${found} differences in the ${what} of seeds ${first} to ${Math.min(seed, end) - 1}`);
  await go.stop();
}
