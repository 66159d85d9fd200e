import { benchCluster } from './cluster.ts';
import { benchDeliveries } from './deliveries.ts';
import { benchRender } from './render.ts';

// `npm run bench`: all of them; `npm run bench -- render`: only that one.
const benchmarks = new Map([
  ['render', benchRender],
  ['deliveries', benchDeliveries],
  ['cluster', benchCluster],
]);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !benchmarks.has(name));
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are ${[...benchmarks.keys()].join(', ')}`);
  process.exit(2);
}
for (const [name, bench] of benchmarks) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n${name}`);
  await bench();
}
