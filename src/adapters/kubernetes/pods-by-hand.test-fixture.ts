import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ApiServer } from './api-server.ts';

const pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({ phase: z.string().default('Pending') }).prefault({}),
    }),
  ),
});

/** Ends the running pod of a Job, waiting for it to come, as the kubelet of a node would; for clusters without nodes. */
export async function endPodOf(
  server: ApiServer,
  job: string,
  phase: 'Succeeded' | 'Failed',
  signal: AbortSignal,
): Promise<void> {
  const path = '/api/v1/namespaces/default/pods';
  for (;;) {
    const query = { labelSelector: `job-name=${job}` };
    const answer = await server.request({ method: 'GET', path, query }, signal);
    const { items } = pods.parse(answer.outcome === 'ok' ? answer.body : { items: [] });
    const running = items.find(({ metadata, status }) => !metadata.deletionTimestamp && status.phase === 'Pending');
    if (running !== undefined) {
      const body = { status: { phase } };
      const contentType = 'application/merge-patch+json';
      const status = `${path}/${running.metadata.name}/status`;
      const done = await server.request({ method: 'PATCH', path: status, body, contentType }, signal);
      if (done.outcome === 'ok') return;
    }
    await sleep(50, undefined, { signal });
  }
}

/** Waits until an object is gone. */
export async function untilGone(server: ApiServer, path: string, signal: AbortSignal): Promise<void> {
  while ((await server.request({ method: 'GET', path }, signal)).outcome === 'ok')
    await sleep(50, undefined, { signal });
}
