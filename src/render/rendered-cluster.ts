import type { Component, Deletion } from '../domain/manifest.ts';
import { type Refusal, refusalOfFile } from './refusal.ts';
import type { ByteString } from './template/byte-string.ts';

/** A CloudFormation stack as it is to be created or updated: CAPABILITY_NAMED_IAM, with termination protection. */
export interface RenderedStack {
  kind: 'etcd' | 'cluster' | 'manifest' | 'node-pool';
  name: string;
  /** In the repository. */
  file: string;
  template: ByteString;
  /** For people: with a digest in place of the user data, where there is any. */
  shown?: ByteString;
  /** Over the tags in the template's own Metadata. */
  tags: Record<string, string>;
  /** Where a template over 51,200 bytes goes; undefined when it is sent inline. */
  upload?: S3Object;
}

export interface S3Object {
  bucket: string;
  key: string;
}

/** The files of a node's user data: a tar.gz for S3, see `packArchive`. */
export interface UserDataArchive extends S3Object {
  entries: ArchiveEntry[];
  /** ARN of the KMS key for encrypted entries; undefined when no entry is. */
  encryptionKey: string | undefined;
}

export interface ArchiveEntry {
  path: string;
  data: Buffer;
  encrypted: boolean;
  permissions: number;
}

export interface Deletions {
  preApply: Deletion[];
  postApply: Deletion[];
}

/** Names of stacks. */
export interface StackDeletions {
  preApply: string[];
  postApply: string[];
}

/** All that a cluster is to be, before anything happens to it. */
export interface RenderedCluster {
  clusterId: string;
  version: string;
  /** The templates' output by its path below `--out`: bytes, see ByteString. */
  files: Map<string, ByteString>;
  /** In the order in which they are applied. */
  components: Component[];
  deletions: Deletions;
  stackDeletions: StackDeletions;
  /** In the order in which they are applied. */
  stacks: RenderedStack[];
  archives: UserDataArchive[];
  /** Karpenter's node pools, applied after all else. */
  karpenterPools: Component[];
  /** Config items that were decrypted: not to be shown to anybody. */
  secrets: string[];
  /** Every file that can't be rendered. Nothing may be applied while there is one. */
  refusals: Refusal[];
}

/** A cluster of which nothing can be said but why. */
export function refusedCluster(clusterId: string, message: string): RenderedCluster {
  return {
    clusterId,
    version: '',
    files: new Map(),
    components: [],
    deletions: { preApply: [], postApply: [] },
    stackDeletions: { preApply: [], postApply: [] },
    stacks: [],
    archives: [],
    karpenterPools: [],
    secrets: [],
    refusals: [refusalOfFile(`cluster ${clusterId}`, '', message)],
  };
}
