import { z } from 'zod';
import { FairwayError } from '../../domain/errors.ts';
import type { ApiServer } from './api-server.ts';

const versionBody = z.object({ gitVersion: z.string() });

/** The API server's gitVersion, e.g. `v1.34.4`. */
export async function serverVersion(server: ApiServer, signal: AbortSignal): Promise<string> {
  const answer = await server.request({ method: 'GET', path: '/version' }, signal);
  if (answer.outcome === 'refused') throw new FairwayError('forbidden', `${server.url}/version: ${answer.message}`);
  return versionBody.parse(answer.body).gitVersion;
}
