export interface Revision {
  commit: string;
  tree: string;
}

export type MergeResult =
  | { outcome: 'merged'; tree: string }
  | { outcome: 'conflict'; files: string[] }
  /** The two have no common history. */
  | { outcome: 'unrelated' };

export interface CommitTitle {
  id: string;
  tree: string;
  /** The first line of its message. */
  title: string;
  isMerge: boolean;
}

/**
 * One repository's history, as a local copy that `fetch` brings up to date. Only `branch` takes a name; everything else is named by its
 * full object id, so that no tag or other ref can stand in for it.
 */
export interface GitRepository {
  /** Throws FairwayError `unavailable` when the forge does not answer. */
  fetch(signal: AbortSignal): Promise<void>;
  branches(): Promise<string[]>;
  /** The newest commit of a branch; undefined when there is no such branch. */
  branch(name: string): Promise<Revision | undefined>;
  /** A commit by its full id; undefined when it is not there. */
  commit(id: string): Promise<Revision | undefined>;
  isAncestor(ancestor: string, of: string): Promise<boolean>;
  /** Whether the commit or one of its ancestors has this tree. */
  hadTree(commit: string, tree: string): Promise<boolean>;
  /** The tree that merging head into base would give; touches no branch. */
  merge(base: string, head: string): Promise<MergeResult>;
  /** What is in the history of `to` and not in that of `from`, newest first; at most 500. */
  commitsSince(from: string, to: string): Promise<CommitTitle[]>;
  /** Paths that differ between two trees. */
  changedFiles(from: string, to: string): Promise<string[]>;
  readFile(revision: string, path: string): Promise<string | undefined>;
  /** File names directly in that folder, sorted; empty when there is no such folder. */
  listFiles(revision: string, folder: string): Promise<string[]>;
  /** A folder with the files of that tree, shared by all who ask for it: read only. */
  checkout(tree: string): Promise<string>;
}

export interface GitSource {
  repository(name: string): GitRepository;
  /** Frees what nobody has used for long. Can be called at any time. */
  tidy(): Promise<void>;
}
