import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../cache-folder.ts';
import type { FindOptions } from '../find-binary.ts';
import { withMachineLock } from '../machine-lock.ts';
import { versions } from '../versions.ts';
import { type ImageSet, imageSets } from './image-recipe.ts';
import { type LayerName, layers } from './layers.ts';
import { gatherMaterials } from './materials.ts';
import { writeOciArchive } from './oci-archive.ts';

/** Taken as the code is loaded, so that a checkout that changes under a running process doesn't name one recipe's archive after another's. */
const recipe = await recipeDigest();
const keptMs = 7 * 24 * 60 * 60_000;

/** The tar file with a set's images, made once per machine and recipe under `<cache>/images/<digest of the recipe>/`. */
export async function prepareImages(set: ImageSet, options: FindOptions): Promise<string> {
  const { report, signal, env } = options;
  const images = join(cacheFolder(env), 'images');
  const folder = join(images, recipe);
  const archive = join(folder, `${set}.tar`);
  if (existsSync(archive)) return archive;
  const waiting = () => report(`another process is preparing the ${set} images; waiting for it`);
  return withMachineLock(join(images, '.lock'), { signal, waiting }, async () => {
    if (existsSync(archive)) return archive;
    await forgetOldRecipes(images);
    await makeArchive(set, folder, archive, options);
    return archive;
  });
}

/** Archives of recipes that have not been made for a week, and what makers that were killed left. */
async function forgetOldRecipes(images: string): Promise<void> {
  for (const entry of await readdir(images, { withFileTypes: true })) {
    const folder = join(images, entry.name);
    if (entry.isDirectory() && Date.now() - (await stat(folder)).mtimeMs > keptMs) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Changes with the versions and with the text of every file that takes part in making images. */
async function recipeDigest(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(versions));
  const files = await readdir(import.meta.dirname);
  for (const file of files.filter((name) => !name.includes('.test.')).sort()) {
    hash.update(await readFile(join(import.meta.dirname, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function makeArchive(set: ImageSet, folder: string, target: string, options: FindOptions): Promise<void> {
  const started = performance.now();
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'part-'));
  try {
    const materials = await gatherMaterials(work, options);
    const images = imageSets[set];
    const roots = new Map<LayerName, string>();
    for (const name of new Set(images.flatMap((image) => image.layers))) {
      options.report(`making the image layer ${name}`);
      const root = await mkdtemp(join(work, 'root-'));
      // mkdtemp makes folders for the owner alone, and this one becomes every container's /.
      await chmod(root, 0o755);
      roots.set(name, root);
      await layers[name](root, materials);
    }
    await writeOciArchive(images, roots, { work: join(work, 'layout'), target, signal: options.signal });
    options.report(`made ${images.length} ${set} images in ${Math.round((performance.now() - started) / 1000)} s`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
