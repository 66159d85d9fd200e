import { readFile } from 'node:fs/promises';
import { type Cluster, cluster } from '../domain/cluster.ts';
import { FairwayError, messageOf } from '../domain/errors.ts';
import { isJsonObject, type Json } from '../domain/json.ts';
import { describeIssue } from '../domain/schema-issue.ts';
import { YamlError } from '../render/yaml/error.ts';
import { parseClusterYaml } from './cluster-yaml.ts';

const maxBytes = 64 * 1024 * 1024;

/**
 * The clusters of a registry document: `{clusters: […]}`, `{items: […]}`, a list, or one cluster; YAML or JSON. What the
 * registry leaves null counts as not set. Throws a FairwayError with every field that is wrong.
 */
export async function readClusterFile(path: string): Promise<Cluster[]> {
  return (await readRegistrations(path)).map(({ cluster }) => cluster);
}

export interface Registration {
  /** Complete, by defaults. */
  cluster: Cluster;
  /** What the file says of it. */
  written: Json;
}

/** Like readClusterFile, for whom it matters what was left out. */
export async function readRegistrations(path: string): Promise<Registration[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new FairwayError('missing', `cluster file ${path}: ${messageOf(error)}`);
  });
  if (text.length > maxBytes) throw new FairwayError('refused', `cluster file ${path} has more than ${maxBytes} bytes`);
  const faults: string[] = [];
  const found: Registration[] = [];
  const known = new Set<string>();
  for (const { where, document } of entriesOf(path, parseText(path, text.replace(/^\ufeff/, '')))) {
    const written = withoutNulls(document);
    const parsed = cluster.safeParse(written);
    if (!parsed.success) faults.push(...parsed.error.issues.map((issue) => `${where}: ${describeIssue(issue)}`));
    else if (known.has(parsed.data.id)) faults.push(`${where}: another cluster has this id`);
    else found.push({ cluster: parsed.data, written });
    if (parsed.success) known.add(parsed.data.id);
  }
  const [first] = faults;
  if (first === undefined) return found;
  const told = faults.length === 1 ? ` ${first}` : faults.map((fault) => `\n  ${fault}`).join('');
  throw new FairwayError('refused', `cluster file ${path}:${told}`);
}

function parseText(path: string, text: string): Json {
  const json = /^\s*[{[]/.test(text) ? parseJson(text) : undefined;
  if (json !== undefined && 'document' in json) return json.document;
  try {
    return parseClusterYaml(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const line = error.line === undefined ? '' : `:${error.line}`;
    const fault = json === undefined ? `${path}${line}: ${error.message}` : `${path}: ${json.fault}`;
    throw new FairwayError('refused', `cluster file ${fault}`);
  }
}

function parseJson(text: string): { document: Json } | { fault: string } {
  try {
    const document: Json = JSON.parse(text);
    return { document };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

interface Entry {
  /** How people find it: `clusters[0] (aws:…)`. */
  where: string;
  document: Json;
}

function entriesOf(path: string, document: Json): Entry[] {
  const [name, list] = listOf(document);
  if (list === undefined) {
    throw new FairwayError(
      'refused',
      `cluster file ${path}: expected {clusters: […]}, {items: […]}, a list of clusters or one cluster with an id`,
    );
  }
  if (list.length === 0) {
    throw new FairwayError('refused', `cluster file ${path}: ${name} is empty; there is no cluster in it`);
  }
  return list.map((entry, index) => {
    const id = isJsonObject(entry) && typeof entry.id === 'string' ? entry.id : undefined;
    if (list === document || name !== '')
      return { where: `${name}[${index}]${id === undefined ? '' : ` (${id})`}`, document: entry };
    return { where: `cluster ${id}`, document: entry };
  });
}

function listOf(document: Json): [name: string, list: Json[] | undefined] {
  if (Array.isArray(document)) return ['the list', document];
  if (!isJsonObject(document)) return ['', undefined];
  for (const name of ['clusters', 'items']) {
    const list = document[name];
    if (list !== undefined) return [name, Array.isArray(list) ? list : undefined];
  }
  return ['', typeof document.id === 'string' ? [document] : undefined];
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([key, field]) => [key, withoutNulls(field)]),
  );
}
