import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../error-code.ts';
import { readJsonFile, writeWhole } from '../whole-file.ts';

/** What is kept about a cluster in its folder; whether it runs is not among it, that is looked at. */
const clusterRecord = z.object({
  name: z.string(),
  nodes: z.int().nonnegative(),
  owner: z.string(),
  /** ISO time, or null for a lasting one. */
  expiresAt: z.string().nullable(),
  version: z.string(),
  /** Second byte of its addresses; null until it has a network, and without nodes. */
  block: z.int().nullable(),
  /** Loopback ports of a control plane without nodes. */
  ports: z.object({ api: z.int(), etcd: z.int(), etcdPeer: z.int() }).nullable(),
  /** It was ready once, so a program of it that is missing has died. */
  wasReady: z.boolean(),
  deleting: z.boolean(),
});

export type ClusterRecord = z.infer<typeof clusterRecord>;

/** Undefined when there is no such cluster, or its folder was made and nothing yet written to it. */
export async function readRecord(folder: string): Promise<ClusterRecord | undefined> {
  const content = await readJsonFile(join(folder, 'cluster.json'));
  return content === undefined ? undefined : clusterRecord.parse(content);
}

export async function writeRecord(folder: string, record: ClusterRecord): Promise<void> {
  await writeWhole(join(folder, 'cluster.json'), JSON.stringify(record, null, 2));
}

/** Names of the folders below, empty when it does not exist. */
export async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
