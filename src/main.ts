import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { cacheFolder } from './adapters/kubernetes-release/cache-folder.ts';
import { commands } from './cli/commands.ts';
import { exitCodes, reportError } from './cli/exit-code.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

const program = new Command('fairway')
  .description('GitOps continuous delivery for fleets of Kubernetes clusters, with a real conformance gate')
  .version(version)
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.done : exitCodes.usage));

// What Node made of the sources is kept, which halves the time until a command begins.
enableCompileCache(join(cacheFolder(), 'node'));

// Only the one that is called is loaded: a render need not wait for what a server needs. For the help, all are.
const called = process.argv.slice(2, 3).filter((word) => Object.hasOwn(commands, word));
for (const name of called.length > 0 ? called : Object.keys(commands)) {
  const command = await commands[name]?.();
  if (command !== undefined) program.addCommand(command);
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = reportError(error);
}
