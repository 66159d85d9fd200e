import { FairwayError, messageOf } from '../../domain/errors.ts';
import { type BinaryName, clusterBinaries } from './binary.ts';
import { type FindOptions, findBinaries } from './find-binary.ts';
import type { ImageSet } from './images/image-recipe.ts';
import { prepareImages } from './images/prepare-images.ts';
import { versions } from './versions.ts';

export interface PrepareOptions extends FindOptions {
  /** `none` where no pods will run. */
  imageSet: ImageSet | 'none';
  /** Default: what a cluster with nodes and the conformance suite need. */
  binaries?: readonly BinaryName[];
}

/** A Kubernetes release that lies on this machine. */
export interface PreparedRelease {
  /** Without the `v`. */
  version: string;
  /** Absolute path; throws when it was not among the binaries asked for. */
  binary(name: BinaryName): string;
  /** OCI archives with the images that nodes have from the start; none where images can't be made here: then nodes pull them. */
  images: { archives: string[] };
}

/** Finds or makes, once per machine, everything that a local cluster and conformance are made of. Can be repeated, also by several processes at once. */
export async function prepareRelease(options: PrepareOptions): Promise<PreparedRelease> {
  const files = await findBinaries(options.binaries ?? clusterBinaries, options);
  return {
    version: versions.kubernetes,
    binary(name) {
      const file = files.get(name);
      if (file === undefined)
        throw new FairwayError('missing', `${name} was not asked for when the release was prepared`);
      return file;
    },
    images: { archives: await archives(options) },
  };
}

async function archives(options: PrepareOptions): Promise<string[]> {
  if (options.imageSet === 'none') return [];
  try {
    return [await prepareImages(options.imageSet, options)];
  } catch (error) {
    if (!(error instanceof FairwayError)) throw error;
    options.report(`test images can't be made here, nodes will pull them from registry.k8s.io: ${messageOf(error)}`);
    return [];
  }
}
