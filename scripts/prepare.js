// Makes a fresh clone ready: npm packages as the lock file says, once per lock file. Plain JavaScript for any Node from 18 on.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.prepared`;
const lock = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .update(readFileSync(`${root}.taprc`))
  .digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.log('Installing npm packages (once per lock file)…');
  // Not npm ci: it takes a lock file without download addresses for incomplete where packages are optional for other platforms.
  execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  });
  const { findNode24 } = await import('../bin/node24.js');
  // Without this the first test run would rebuild tap itself.
  execFileSync(findNode24(), [`${root}node_modules/@tapjs/run/dist/esm/index.js`, 'build'], {
    cwd: root,
    stdio: 'ignore',
  });
  writeFileSync(stamp, lock);
}
