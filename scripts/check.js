// Format, lint, types and dead code, one after the other; the first that complains ends it.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode24 } from '../bin/node24.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const env = { ...process.env, PATH: `${dirname(findNode24())}:${root}node_modules/.bin:${process.env.PATH}` };
for (const [tool, ...args] of [['biome', 'check', '--error-on-warnings', '.'], ['tsc', '-p', '.'], ['knip']]) {
  console.log(`· ${[tool, ...args].join(' ')}`);
  const { status } = spawnSync(tool, args, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
