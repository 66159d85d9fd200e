/** What an event asks for. Level-triggered: it names what may have changed, and the worker reads the newest state itself. */
export type Intent =
  /** `again`: prove it anew even when the tree has a verdict; the text is the request's id, so that a repeated delivery is one request. */
  | { intent: 'verify'; repository: string; pullRequest: number; again: string | undefined; requestedBy: string }
  /** Of the pull requests that are named, or of the open ones with that head when none is. */
  | {
      intent: 'verify-commit';
      repository: string;
      headSha: string;
      pullRequests: number[];
      again: string;
      requestedBy: string;
    }
  | { intent: 'verify-merge-group'; repository: string; branch: string; baseSha: string; headSha: string }
  /** `writtenAt`: of what was there at that moment. */
  | { intent: 'cancel-merge-group'; repository: string; headSha: string; reason: string }
  /** `commit`: the head that is trusted; undefined for the one that stood when the comment was written. */
  | {
      intent: 'trust';
      repository: string;
      pullRequest: number;
      requestedBy: string;
      commit: string | undefined;
      writtenAt: number;
    }
  /** Someone's wish; that a pull request was closed is seen by verifying it. */
  | { intent: 'cancel'; repository: string; pullRequest: number; reason: string; requestedBy: string }
  /** Someone seems to have meant a command, and is told what there is. */
  | { intent: 'answer'; repository: string; pullRequest: number; said: string; requestedBy: string }
  | { intent: 'roll-out'; repository: string; branch: string; requestedBy: string }
  /** Someone has set the gate's status of a commit, perhaps we ourselves. */
  | { intent: 'gate-status'; repository: string; headSha: string }
  /** The forge calls the repository otherwise now. */
  | { intent: 'repository-moved'; repository: string; to: string }
  | { intent: 'ignore'; reason: string };
