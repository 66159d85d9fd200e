import type { Command } from 'commander';

/** All commands by their names, each loaded when it is asked for. */
export const commands: Record<string, () => Promise<Command>> = {
  up: async () => (await import('./up.ts')).upCommand(),
  server: async () => (await import('./up.ts')).serverCommand(),
  worker: async () => (await import('./up.ts')).workerCommand(),
  demo: async () => (await import('./demo.ts')).demoCommand(),
  prepare: async () => (await import('./prepare.ts')).prepareCommand(),
  init: async () => (await import('./init.ts')).initCommand(),
  prove: async () => (await import('./prove.ts')).proveCommand(),
  pr: async () => (await import('./pr.ts')).prCommand(),
  promote: async () => (await import('./pr.ts')).promoteCommand(),
  runs: async () => (await import('./runs.ts')).runsCommand(),
  run: async () => (await import('./runs.ts')).runCommand(),
  cancel: async () => (await import('./runs.ts')).cancelCommand(),
  retry: async () => (await import('./runs.ts')).retryCommand(),
  channels: async () => (await import('./channels.ts')).channelsCommand(),
  hold: async () => (await import('./channels.ts')).holdCommand(),
  resume: async () => (await import('./channels.ts')).resumeCommand(),
  'roll-out': async () => (await import('./channels.ts')).rollOutCommand(),
  rollback: async () => (await import('./channels.ts')).rollbackCommand(),
  registry: async () => (await import('./registry.ts')).registryCommand(),
  clusters: async () => (await import('./clusters.ts')).clustersCommand(),
  render: async () => (await import('./render.ts')).renderCommand(),
  lint: async () => (await import('./lint.ts')).lintCommand(),
};
