import type { Readable } from 'node:stream';

export interface Artifact {
  name: string;
  bytes: number;
}

/** Files that a run leaves: logs, JUnit, diffs. */
export interface Artifacts {
  /** Replaces what is there under that name. */
  put(runId: string, name: string, content: string | Uint8Array): Promise<void>;
  /** Takes a copy of a file. */
  putFile(runId: string, name: string, path: string): Promise<void>;
  list(runId: string): Promise<Artifact[]>;
  open(runId: string, name: string): Promise<{ bytes: number; stream: Readable } | undefined>;
}
