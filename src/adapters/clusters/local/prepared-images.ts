import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { withMachineLock } from '../../kubernetes-release/machine-lock.ts';
import { pathExists } from './path-exists.ts';
import type { NodeImages } from './release.ts';

const metadata = 'io.containerd.metadata.v1.bolt';
const snapshotter = 'io.containerd.snapshotter.v1.overlayfs';
const blobs = 'io.containerd.content.v1.content/blobs/sha256';

// A containerd of its own, in namespaces that end with the script.
const importScript = `
mount -t tmpfs tmpfs /run
root=$1; shift
containerd --config "$root.toml" > "$root.log" 2>&1 &
containerd=$!
until ctr version > /dev/null 2>&1; do kill -0 $containerd; sleep 0.05; done
for archive; do ctr --namespace k8s.io images import --snapshotter overlayfs "$archive"; done
kill $containerd
wait $containerd || true
`;

/** A containerd root that holds the images unpacked, made in `cache` once per machine and set of archives. */
export async function preparedContentRoot(images: NodeImages, cache: string, signal: AbortSignal): Promise<string> {
  if (images.preparedContentRoot !== undefined) return images.preparedContentRoot;
  const root = join(cache, await fingerprint(images.archives));
  if (await pathExists(root)) return root;
  await withMachineLock(join(cache, '.lock'), { signal, waiting: () => {} }, async () => {
    if (await pathExists(root)) return;
    const aside = `${root}.part`;
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside, { recursive: true });
    await writeFile(`${aside}.toml`, `version = 2\nroot = "${aside}"\nstate = "/run/containerd"\n`);
    const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const script = ['sh', '-ec', importScript, 'import', aside, ...images.archives];
    // The import must not outlive this process: another one would take its place in the same folder.
    await execa('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...namespaces, '--', ...script], {
      cancelSignal: signal,
      forceKillAfterDelay: 1000,
    });
    await rm(`${aside}.toml`);
    await rm(`${aside}.log`);
    await rename(aside, root);
  });
  return root;
}

async function fingerprint(archives: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const archive of archives) {
    const { size, mtimeMs } = await stat(archive);
    hash.update(`${archive}\n${size}\n${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Gives a node the prepared images: its own copy of the two small databases, and links to what they name. A node that
 * removes an image removes its links only.
 */
export async function giveImages(prepared: string, nodeRoot: string): Promise<void> {
  if (await pathExists(nodeRoot)) return;
  const aside = `${nodeRoot}.part`;
  await rm(aside, { recursive: true, force: true });
  for (const folder of [metadata, join(snapshotter, 'snapshots'), blobs]) {
    await mkdir(join(aside, folder), { recursive: true, mode: 0o700 });
  }
  await copyFile(join(prepared, metadata, 'meta.db'), join(aside, metadata, 'meta.db'));
  await copyFile(join(prepared, snapshotter, 'metadata.db'), join(aside, snapshotter, 'metadata.db'));
  for (const folder of [join(snapshotter, 'snapshots'), blobs]) {
    const names = await readdir(join(prepared, folder));
    await Promise.all(names.map((name) => symlink(join(prepared, folder, name), join(aside, folder, name))));
  }
  await rename(aside, nodeRoot);
}
