// Runs the tests under tap on Node 24 and prints, as the last line, how many assertions passed and failed.
import { spawn, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findNode24 } from '../bin/node24.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const node = findNode24();
const files = process.argv.slice(2);
// What real clusters need is made first: within a test it would run into the test's deadline.
spawnSync(node, [`${root}src/main.ts`, 'prepare'], { cwd: root, stdio: 'inherit' });
const args = [`${root}node_modules/@tapjs/run/dist/esm/index.js`, 'run', '--reporter=tap', ...files];
const path = `${dirname(node)}:${root}node_modules/.bin:${process.env.PATH}`;
const tap = spawn(node, args, { cwd: root, env: { ...process.env, PATH: path }, stdio: ['ignore', 'pipe', 'inherit'] });

let passed = 0;
let failed = 0;
let failing = false;
for await (const line of createInterface({ input: tap.stdout })) {
  const file = /^(not )?ok \d+ - (\S+\.test\.tsx?)( # time=\S+)?/.exec(line);
  if (file) console.log(`${file[1] ? 'FAILED' : 'passed'}  ${file[2]}${file[3] ?? ''}`);
  const point = /^(\s*)(not )?ok \d+/.exec(line);
  // A subtest's closing line repeats what its assertions said.
  if (point && !/ # time=/.test(line)) point[2] ? failed++ : passed++;
  failing = /^\s*not ok /.test(line) || (failing && !/^\s*ok /.test(line) && !/^\s*# Subtest/.test(line));
  if (failing) console.log(line);
  else if (/^\s*# (SKIPPED|MEASURED)/.test(line)) console.log(line.trim());
}
const code = await new Promise((resolve) => (tap.exitCode === null ? tap.on('exit', resolve) : resolve(tap.exitCode)));
if (code !== 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(code === 0 && passed > 0 ? 0 : 1);
