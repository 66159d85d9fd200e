import { type EmbeddedForge, startEmbeddedForge } from '../embedded-forge.ts';

/** `node forge-process.ts DIRECTORY SOURCE TOKEN`: a forge in a process of its own, for tests that kill it. */
const [, , directory = '', fromDirectory = '', token = ''] = process.argv;

const forge: EmbeddedForge = await startEmbeddedForge({
  directory,
  host: '127.0.0.1',
  port: 0,
  retryDelaysMs: [1, 10, 100],
});
await forge.createUser('olga', 'admin');
await forge.ensureToken('olga', token);
await forge.importRepository('acme/config', { fromDirectory, branches: ['dev'] });
console.log(forge.url);
