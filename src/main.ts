import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { cacheFolder } from './adapters/kubernetes-release/cache-folder.ts';
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
const commands: Record<string, () => Promise<Command>> = {
  up: async () => (await import('./cli/up.ts')).upCommand(),
  server: async () => (await import('./cli/up.ts')).serverCommand(),
  worker: async () => (await import('./cli/up.ts')).workerCommand(),
  demo: async () => (await import('./cli/demo.ts')).demoCommand(),
  prepare: async () => (await import('./cli/prepare.ts')).prepareCommand(),
  init: async () => (await import('./cli/init.ts')).initCommand(),
  prove: async () => (await import('./cli/prove.ts')).proveCommand(),
  pr: async () => (await import('./cli/pr.ts')).prCommand(),
  promote: async () => (await import('./cli/pr.ts')).promoteCommand(),
  runs: async () => (await import('./cli/runs.ts')).runsCommand(),
  run: async () => (await import('./cli/runs.ts')).runCommand(),
  cancel: async () => (await import('./cli/runs.ts')).cancelCommand(),
  retry: async () => (await import('./cli/runs.ts')).retryCommand(),
  channels: async () => (await import('./cli/channels.ts')).channelsCommand(),
  hold: async () => (await import('./cli/channels.ts')).holdCommand(),
  resume: async () => (await import('./cli/channels.ts')).resumeCommand(),
  'roll-out': async () => (await import('./cli/channels.ts')).rollOutCommand(),
  rollback: async () => (await import('./cli/channels.ts')).rollbackCommand(),
  registry: async () => (await import('./cli/registry.ts')).registryCommand(),
  clusters: async () => (await import('./cli/clusters.ts')).clustersCommand(),
  render: async () => (await import('./cli/render.ts')).renderCommand(),
  lint: async () => (await import('./cli/lint.ts')).lintCommand(),
};
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
