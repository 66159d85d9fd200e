import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Cluster, cluster } from '../domain/cluster.ts';
import { FairwayError, messageOf } from '../domain/errors.ts';

const maxBytes = 64 * 1024 * 1024;

const registryDocument = z
  .union([
    z.object({ clusters: z.array(z.unknown()) }).transform((document) => document.clusters),
    z.object({ items: z.array(z.unknown()) }).transform((document) => document.items),
    z.array(z.unknown()),
    z.unknown().transform((document) => [document]),
  ])
  .pipe(z.array(z.looseObject({ id: z.string() })).min(1));

/**
 * The clusters of a registry document: `{clusters: […]}`, `{items: […]}`, a list, or one cluster; YAML or JSON. What the
 * registry leaves null counts as not set. Throws a FairwayError that names the cluster and the field.
 */
export async function readClusterFile(path: string): Promise<Cluster[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new FairwayError('missing', `cluster file ${path}: ${messageOf(error)}`);
  });
  if (text.length > maxBytes) throw new FairwayError('refused', `cluster file ${path} has more than ${maxBytes} bytes`);
  const parsed = registryDocument.safeParse(parseText(path, text));
  if (!parsed.success) {
    throw new FairwayError(
      'refused',
      `cluster file ${path}: expected {clusters: […]}, {items: […]} or one cluster with an id`,
    );
  }
  return parsed.data.map((document) => readCluster(path, document));
}

function parseText(path: string, text: string): unknown {
  try {
    return text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { maxAliasCount: 100, uniqueKeys: false });
  } catch (error) {
    throw new FairwayError('refused', `cluster file ${path}: ${messageOf(error)}`);
  }
}

function readCluster(path: string, document: { id: string }): Cluster {
  const parsed = cluster.safeParse(withoutNulls(document));
  if (parsed.success) return parsed.data;
  throw new FairwayError('refused', `cluster file ${path}: cluster ${document.id}: ${z.prettifyError(parsed.error)}`);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([key, field]) => [key, withoutNulls(field)]),
  );
}
