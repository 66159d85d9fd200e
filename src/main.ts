import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { clustersCommand } from './cli/clusters.ts';
import { demoCommand } from './cli/demo.ts';
import { exitCodes, reportError } from './cli/exit-code.ts';
import { initCommand } from './cli/init.ts';
import { lintCommand } from './cli/lint.ts';
import { prepareCommand } from './cli/prepare.ts';
import { proveCommand } from './cli/prove.ts';
import { renderCommand } from './cli/render.ts';
import { serverCommand, upCommand, workerCommand } from './cli/up.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

const program = new Command('fairway')
  .description('GitOps continuous delivery for fleets of Kubernetes clusters, with a real conformance gate')
  .version(version)
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.done : exitCodes.usage));

for (const command of [
  upCommand(),
  serverCommand(),
  workerCommand(),
  demoCommand(),
  prepareCommand(),
  initCommand(),
  proveCommand(),
  clustersCommand(),
  renderCommand(),
  lintCommand(),
])
  program.addCommand(command);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = reportError(error);
}
