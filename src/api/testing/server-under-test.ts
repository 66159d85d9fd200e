import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import type { Test } from 'tap';
import { createArtifactFolder } from '../../adapters/artifacts/artifact-folder.ts';
import { openStore } from '../../adapters/store/store.ts';
import { type TimeLimits, usualTimeLimits } from '../../http/time-limits.ts';
import { type KnownUser, type Role, roles } from '../../ports/authentication.ts';
import type { CommandOutcome } from '../../ports/commands.ts';
import type { Wakeup } from '../../ports/dispatcher.ts';
import { createLog } from '../../telemetry/log.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { createServer } from '../server.ts';

export interface Call {
  method?: string;
  /** Whose token; undefined for none. */
  as?: Role;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface ServerUnderTestOptions {
  uiDirectory?: string;
  publicUrl?: string;
  trustedProxies?: string[];
  timeLimits?: TimeLimits;
  log?: Logger;
  /** Rejects when the queue is away. */
  queue?: () => Promise<void>;
}

/** A server on a port, over a real SQLite store, with one token per role (`token-of-viewer`, …). */
export async function startServer(t: Test, options: ServerUnderTestOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-api-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const store = await openStore(pathToFileURL(join(directory, 'store.sqlite')).href);
  t.teardown(() => store.close());
  const artifacts = createArtifactFolder(join(directory, 'artifacts'));
  const woken: Wakeup[] = [];
  const asked: string[] = [];
  const answer: { next: CommandOutcome } = { next: { outcome: 'started', runId: 'r-new' } };
  const users = new Map<string, KnownUser>(
    roles.map((role) => [`token-of-${role}`, { user: `the ${role}`, role, credential: `credential-of-${role}` }]),
  );
  const server = createServer({
    store,
    artifacts,
    dispatcher: { wake: async (wakeup) => void woken.push(wakeup) },
    authentication: {
      byToken: async (token) => users.get(token),
      byCredential: async (wanted) => [...users.values()].find(({ credential }) => credential === wanted),
    },
    commands: {
      retry: async (...order) => {
        asked.push(`retry ${order.join(' ')}`);
        return answer.next;
      },
      rollOutUnproven: async (...order) => {
        asked.push(`rollOutUnproven ${order.join(' ')}`);
        return answer.next;
      },
      rollOut: async (...order) => {
        asked.push(`rollOut ${order.join(' ')}`);
        return answer.next;
      },
      rollBack: async (...order) => {
        asked.push(`rollBack ${order.join(' ')}`);
        return answer.next;
      },
    },
    metrics: createMetrics(),
    parts: [
      { part: 'store', need: 'always', ask: () => store.audit.list(1) },
      { part: 'queue', need: 'soon', ask: options.queue ?? (async () => undefined) },
    ],
    publicUrl: options.publicUrl,
    trustedProxies: options.trustedProxies ?? [],
    timeLimits: options.timeLimits ?? usualTimeLimits,
    uiDirectory: options.uiDirectory,
    plugins: [],
    log: options.log ?? createLog({ level: 'silent' }),
  });
  t.teardown(() => server.close());
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const call = async (path: string, { method = 'GET', as, body, headers }: Call = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer token-of-${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };
  return { url, server, store, artifacts, users, woken, asked, answer, call };
}
