import { mkdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { FairwayError, messageOf } from '../domain/errors.ts';
import type { Refusal } from '../render/refusal.ts';
import type { RenderedCluster } from '../render/rendered-cluster.ts';
import { bufferOf } from '../render/template/byte-string.ts';

const owned = ['config-defaults.yaml', 'cluster.yaml', 'etcd', 'manifests', 'node-pools', 'errors.json'];

/** Writes a render into a folder. Only what a render writes is replaced; other files there stay. */
export async function writeRender(
  directory: string,
  rendered: RenderedCluster,
  sources: readonly { directory: string }[],
): Promise<void> {
  for (const source of sources) await requireOutside(directory, source.directory);
  try {
    for (const name of owned) await rm(join(directory, name), { recursive: true, force: true });
    for (const [path, bytes] of rendered.files) {
      const target = join(directory, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, bufferOf(bytes));
    }
    if (rendered.refusals.length > 0) {
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'errors.json'), `${JSON.stringify(errorsOf(rendered.refusals), null, 2)}\n`);
    }
  } catch (error) {
    throw new FairwayError('refused', `--out ${directory}: ${messageOf(error)}`);
  }
}

/** A render replaces folders that are called as those of a repository are. */
async function requireOutside(directory: string, source: string): Promise<void> {
  const target = await realpath(directory).catch(() => undefined);
  const root = await realpath(source).catch(() => undefined);
  if (target === undefined || root === undefined) return;
  const content = join(root, 'cluster');
  const hasContent = await stat(content).then(
    () => true,
    () => false,
  );
  if (target !== root && target !== content && !(hasContent && target.startsWith(content + sep))) return;
  throw new FairwayError('refused', `--out ${directory}: that is the config repository; name another folder`);
}

function errorsOf(refusals: readonly Refusal[]): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { output, file, message } of refusals) errors[output || file] ??= message;
  return errors;
}
