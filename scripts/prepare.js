// Makes a fresh clone ready: npm packages as the lock file says, once per lock file, and the web pages, once per change of
// theirs. Plain JavaScript for any Node from 18 on.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.prepared`;
const lock = digestOf(['package-lock.json', '.taprc']);

if (!isStamped(stamp, lock)) {
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

const pages = readdirSync(`${root}src/ui`)
  .filter((name) => /\.(tsx?|css|html)$/.test(name))
  .map((name) => `src/ui/${name}`);
const built = `${root}dist/ui/.built`;
const sources = digestOf(['package-lock.json', ...pages.filter((path) => !path.endsWith('.test.ts')).sort()]);
if (!isStamped(built, sources)) {
  console.log('Building the web pages…');
  const { findNode24 } = await import('../bin/node24.js');
  const vite = [`${root}node_modules/vite/bin/vite.js`, 'build', '--config', 'src/ui/vite.config.ts'];
  execFileSync(findNode24(), [...vite, '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
  writeFileSync(built, sources);
}

function digestOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(readFileSync(`${root}${path}`));
  return hash.digest('hex');
}

function isStamped(file, digest) {
  return existsSync(file) && readFileSync(file, 'utf8') === digest;
}
