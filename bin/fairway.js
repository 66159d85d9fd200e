#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findNode24, runOnNode24 } from './node24.js';

// A checkout runs its sources; a published package runs what was built, since Node strips no types inside node_modules.
const source = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const main = existsSync(source) ? source : fileURLToPath(new URL('../dist/main.js', import.meta.url));
if (findNode24() === process.execPath) {
  process.argv[1] = main;
  await import(main);
} else runOnNode24([main, ...process.argv.slice(2)]);
