// Makes what is published: dist/ with the program as JavaScript, beside the web pages that prepare.js builds.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findNode24 } from '../bin/node24.js';

const root = fileURLToPath(new URL('..', import.meta.url));
// What was built from files that are no longer there must not be published.
for (const name of readdirSync(`${root}dist`))
  if (name !== 'ui') rmSync(`${root}dist/${name}`, { recursive: true, force: true });
execFileSync(findNode24(), [`${root}node_modules/typescript/bin/tsc`, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
