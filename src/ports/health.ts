/** A part that Fairway can't be without for long, and how to learn whether it answers. */
export interface WatchedPart {
  /** `store`, `queue`. */
  part: string;
  /** Without it nothing is taken in; else work goes on more slowly. */
  need: 'always' | 'soon';
  /** Rejects when the part does not answer. */
  ask(): Promise<unknown>;
}

export type PartState =
  | { part: string; state: 'answers' }
  /** `since` is when it was first found so. */
  | { part: string; state: 'away'; since: Date; why: string };
