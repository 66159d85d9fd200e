import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { thisPlatform } from '../official-asset.ts';
import type { ImageRecipe } from './image-recipe.ts';
import type { LayerName } from './layers.ts';

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

const oci = 'application/vnd.oci.image';

/**
 * Writes images as one OCI image layout in a tar file, as `ctr images import` reads it. `roots` are the layers' unpacked
 * folders; all files belong to root. `work` is an empty folder.
 */
export async function writeOciArchive(
  images: readonly ImageRecipe[],
  roots: ReadonlyMap<LayerName, string>,
  { work, target, signal }: { work: string; target: string; signal: AbortSignal },
): Promise<void> {
  const blobs = join(work, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const layers = new Map<LayerName, Descriptor>();
  for (const [name, root] of roots) layers.set(name, await writeLayer(root, blobs, signal));

  const manifests = [];
  for (const image of images) manifests.push(await writeImage(image, layers, blobs));
  await writeFile(join(work, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(work, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: `${oci}.index.v1+json`, manifests }),
  );
  const part = `${target}.part`;
  await execa('tar', ['-cf', part, '-C', work, 'oci-layout', 'index.json', 'blobs'], { cancelSignal: signal });
  await rename(part, target);
  await rm(work, { recursive: true });
}

async function writeLayer(root: string, blobs: string, signal: AbortSignal): Promise<Descriptor> {
  const part = join(blobs, 'part');
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--mtime=@0'];
  await execa('tar', ['-cf', part, ...owner, '-C', root, '.'], { cancelSignal: signal });
  const hash = createHash('sha256');
  await pipeline(createReadStream(part), hash);
  const hex = hash.digest('hex');
  await rename(part, join(blobs, hex));
  const { size } = await stat(join(blobs, hex));
  return { mediaType: `${oci}.layer.v1.tar`, digest: `sha256:${hex}`, size };
}

async function writeImage(image: ImageRecipe, layers: ReadonlyMap<LayerName, Descriptor>, blobs: string) {
  const used = image.layers.map((name) => {
    const layer = layers.get(name);
    if (layer === undefined) throw new Error(`${image.name} needs the layer ${name}, which was not made`);
    return layer;
  });
  const { os, arch } = thisPlatform();
  const config = await writeJson(blobs, `${oci}.config.v1+json`, {
    architecture: arch,
    os,
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      WorkingDir: '/',
      ...image.config,
    },
    // An uncompressed layer's diff id is its digest.
    rootfs: { type: 'layers', diff_ids: used.map(({ digest }) => digest) },
  });
  const mediaType = `${oci}.manifest.v1+json`;
  const manifest = await writeJson(blobs, mediaType, { schemaVersion: 2, mediaType, config, layers: used });
  return {
    ...manifest,
    platform: { os, architecture: arch },
    annotations: { 'io.containerd.image.name': image.name },
  };
}

async function writeJson(blobs: string, mediaType: string, value: object): Promise<Descriptor> {
  const text = JSON.stringify(value);
  const hex = createHash('sha256').update(text).digest('hex');
  await writeFile(join(blobs, hex), text);
  return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
}
