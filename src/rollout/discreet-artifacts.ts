import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Discretion } from '../domain/secrets/discretion.ts';
import type { Artifacts } from '../ports/artifacts.ts';

/** How much of a file is looked at at a time, characters; a secret in several lines, as a key is, may be as long. */
const most = 256 * 1024;

/** Artifacts as a run may leave them: texts and JSON without secrets. */
export function discreetArtifacts(artifacts: Artifacts, discretion: Discretion): Artifacts {
  return {
    ...artifacts,
    put(runId, name, content) {
      if (typeof content !== 'string') return artifacts.put(runId, name, content);
      const told = name.endsWith('.json')
        ? JSON.stringify(discretion.json(JSON.parse(content)), null, 2)
        : discretion.text(content);
      return artifacts.put(runId, name, told);
    },
    async putFile(runId, name, path) {
      const told = `${path}.told`;
      try {
        await pipeline(
          createReadStream(path, 'utf8'),
          (chunks) => toldBlocks(chunks, discretion),
          createWriteStream(told),
        );
        await artifacts.putFile(runId, name, told);
      } finally {
        await rm(told, { force: true });
      }
    },
  };
}

/** Whole lines at a time, and never half a key. */
async function* toldBlocks(chunks: AsyncIterable<string>, discretion: Discretion): AsyncGenerator<string> {
  let waiting = '';
  for await (const chunk of chunks) {
    waiting += chunk;
    const key = waiting.lastIndexOf('-----BEGIN ');
    const isOpen = key >= 0 && !waiting.includes('-----END ', key);
    const end = waiting.length > most ? waiting.length : isOpen ? key : waiting.lastIndexOf('\n') + 1;
    if (end === 0) continue;
    yield discretion.text(waiting.slice(0, end));
    waiting = waiting.slice(end);
  }
  yield discretion.text(waiting);
}
