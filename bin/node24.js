#!/usr/bin/env node
// Runs a script of this package on Node 24, whatever Node the host has: the type stripping, node:sqlite and several
// dependencies need it. Plain JavaScript that any Node from 18 on can read.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The path of a Node 24 binary, or a sentence that says how to get one. */
export function findNode24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin', 'node');
  } catch {
    process.stderr.write(
      `Fairway needs Node 24 or newer; this is ${process.version}, and the package ${name} is not installed.\n` +
        'Install Node 24 from https://nodejs.org, or run npm ci without --omit=optional.\n',
    );
    process.exit(2);
  }
}

/** Runs Node 24 with these arguments in this process's place: signals and the exit code are passed on. */
export function runOnNode24(args) {
  const node = findNode24();
  const path = `${dirname(node)}:${process.env.PATH ?? ''}`;
  const child = spawn(node, args, { stdio: 'inherit', env: { ...process.env, PATH: path } });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to both of us; passed on, it would count as the second one, which leaves at once.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

if (import.meta.url === `file://${process.argv[1]}`) runOnNode24(process.argv.slice(2));
