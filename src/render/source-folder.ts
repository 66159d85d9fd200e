import type { Dirent } from 'node:fs';
import { type ComponentFolder, toolComponent, withoutBases } from './component-folder.ts';
import { type SourceFile, SourceReader } from './source-reader.ts';

/** A folder with a config repository: `cluster/…` in it, or the content of `cluster/` itself. */
export interface Source {
  /** Begins the templates' names, e.g. `main`. */
  name: string;
  directory: string;
  /** A folder that the directory must not lead out of. */
  within?: string;
  /** The commit, for the version; none for a plain folder. */
  revision?: string;
}

/** The files of a source that a render reads, all in memory. Paths begin with `cluster/`. */
export interface LoadedSource {
  name: string;
  revision: string | undefined;
  files: ReadonlyMap<string, SourceFile>;
  components: ComponentFolder[];
  cfManifests: SourceFile[];
  profiles: ReadonlySet<string>;
}

/** The second is the name of an earlier layout. */
const stackDeletionFiles = ['cf-deletions.yaml', 'deletions.yaml'];

/**
 * Reads a source. Nothing outside of its directory is read: a symlink that leads out makes its file refused. Throws a
 * FairwayError when there is no such directory or it has too many files.
 */
export async function loadSource(source: Source, signal: AbortSignal): Promise<LoadedSource> {
  const reader = await SourceReader.open(source, signal);
  const files = new Map<string, SourceFile>();
  async function add(path: string): Promise<SourceFile | undefined> {
    const file = await reader.read(path);
    if (file !== undefined) files.set(path, file);
    return file;
  }
  async function addAll(folder: string, names: readonly string[]): Promise<SourceFile[]> {
    const found: SourceFile[] = [];
    for (const name of names) {
      const file = await add(`${folder}/${name}`);
      if (file !== undefined) found.push(file);
    }
    return found;
  }
  /** Like addAll, of names that were listed: each of them must be there. */
  async function addListed(folder: string, names: readonly string[]): Promise<SourceFile[]> {
    const found = await addAll(folder, names);
    if (found.length === names.length) return found;
    const unread = names.filter((name) => !found.some((file) => file.path === `${folder}/${name}`));
    const refused = unread.map((name) => {
      const path = `${folder}/${name}`;
      return { path, refused: `${path} can't be read: its name is no UTF-8, or it has just been removed` };
    });
    for (const file of refused) files.set(file.path, file);
    return [...found, ...refused];
  }

  await addAll('cluster', ['config-defaults.yaml', 'cluster.yaml']);
  await addAll('cluster/etcd', ['files.yaml', 'stack.yaml']);
  await addAll('cluster/manifests', ['deletions.yaml']);
  await addAll('cluster/cf-manifests', stackDeletionFiles);
  const components: ComponentFolder[] = [];
  for (const { name } of (await reader.list('cluster/manifests')).filter((entry) => entry.isDirectory())) {
    const folder = `cluster/manifests/${name}`;
    const entries = await reader.list(folder);
    const tool = await toolComponent(reader, name, entries);
    if (tool?.kind === 'helm' && tool.valuesTemplate) files.set(tool.valuesTemplate.path, tool.valuesTemplate);
    components.push(tool ?? { kind: 'templates', name, files: await addListed(folder, yamlNames(entries)) });
  }
  const cfNames = yamlNames(await reader.list('cluster/cf-manifests')).filter(
    (name) => !stackDeletionFiles.includes(name),
  );
  const cfManifests = await addListed('cluster/cf-manifests', cfNames);
  const profiles = (await reader.list('cluster/node-pools')).map((entry) => entry.name);
  for (const profile of profiles) {
    await addAll(`cluster/node-pools/${profile}`, ['files.yaml', 'userdata.yaml', 'stack.yaml', 'provisioners.yaml']);
  }
  return {
    name: source.name,
    revision: source.revision,
    files,
    components: withoutBases(components),
    cfManifests,
    profiles: new Set(profiles),
  };
}

/** A source where nothing is yet. */
export function emptySource(name: string, revision: string): LoadedSource {
  return { name, revision, files: new Map(), components: [], cfManifests: [], profiles: new Set() };
}

function yamlNames(entries: readonly Dirent[]): string[] {
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => name.endsWith('.yaml') || name.endsWith('.yml'));
}
