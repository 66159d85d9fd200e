import type { Evidence } from '../domain/evidence.ts';
import type { Run, RunKind } from '../domain/run.ts';
import type { ClusterRegistry } from './cluster-registry.ts';

export interface Delivery {
  /** The forge's id of the delivery (`X-GitHub-Delivery`). */
  id: string;
  event: string;
  /** JSON text, as received. */
  payload: string;
  receivedAt: number;
}

/** A delivery without its payload, which may hold what only the forge's users may see. */
export interface DeliverySummary {
  id: string;
  event: string;
  receivedAt: number;
  finishedAt: number | undefined;
  result: string | undefined;
}

export interface DeliveryStore {
  /** Durable when it returns. The same id twice is one delivery. */
  receive(delivery: Delivery): Promise<'new' | 'duplicate'>;
  /** Unfinished ones whose time has come, oldest first. */
  pending(limit: number): Promise<Delivery[]>;
  get(id: string): Promise<Delivery | undefined>;
  /** Not pending again before this moment. */
  postpone(id: string, until: number): Promise<void>;
  /** `result` says what became of it, in words. */
  finish(id: string, result: string): Promise<void>;
  /** Those of these ids that were never received. */
  unknown(ids: string[]): Promise<string[]>;
  /** Newest first, finished or not. */
  recent(limit: number): Promise<DeliverySummary[]>;
}

export interface RunFilter {
  kind?: RunKind;
  repository?: string;
  channel?: string;
  pullRequest?: number;
  headSha?: string;
  /** Only those that are not final. */
  live?: boolean;
  limit?: number;
}

export interface LogLine {
  /** Rises within a run; a reader asks for what comes after the last it has. */
  sequence: number;
  at: number;
  stage: string;
  text: string;
}

export interface RunStore {
  /** `exists` when there is a run of this id: creating is repeatable. */
  create(run: Run): Promise<'created' | 'exists'>;
  get(id: string): Promise<Run | undefined>;
  /** Newest first; at most 100 unless told otherwise. */
  list(filter: RunFilter): Promise<Run[]>;
  /** Takes the run for one worker, or undefined while another has it. A lease that isn't renewed ends by itself. */
  lease(id: string, worker: string, milliseconds: number): Promise<Run | undefined>;
  renew(id: string, worker: string, milliseconds: number): Promise<boolean>;
  /** Writes the run under the lease; false, and nothing written, when another worker has it by now. */
  save(run: Run, worker: string): Promise<boolean>;
  release(id: string, worker: string): Promise<void>;
  /** A wish, which the worker sees at its next step. False when the run is final or has one already. */
  requestCancel(id: string, reason: string): Promise<boolean>;
  cancelReason(id: string): Promise<string | undefined>;
  /** Live runs whose time has come and that no worker has. */
  due(now: number, limit: number): Promise<string[]>;
  /** Ended runs whose end has not been told completely yet, oldest first. */
  untold(limit: number): Promise<string[]>;
  told(id: string): Promise<void>;
  appendLog(id: string, lines: Omit<LogLine, 'sequence'>[]): Promise<void>;
  log(id: string, after: number, limit: number): Promise<LogLine[]>;
}

/** How far a channel has come. */
export interface ChannelState {
  repository: string;
  channel: string;
  /** The branch that the channel has had from its beginning; undefined before it was rolled out from one. */
  branch: string | undefined;
  /** The rollout that is under way; at most one. */
  liveRun: string | undefined;
  /** The newest revision that a rollout was started for, whatever came of it. */
  attemptedSha: string | undefined;
  /** The newest revision that all clusters of the channel converged to. */
  convergedSha: string | undefined;
  convergedTree: string | undefined;
  convergedAt: number | undefined;
  /** Why no rollout starts; undefined when they may. */
  held: string | undefined;
}

/** A rollout that wants a channel for itself. */
export interface ChannelClaim {
  repository: string;
  channel: string;
  branch: string;
  runId: string;
  sha: string;
}

export interface ChannelStore {
  get(repository: string, channel: string): Promise<ChannelState>;
  list(): Promise<ChannelState[]>;
  /** Compare and set: false when another rollout is live. */
  claim(claim: ChannelClaim): Promise<boolean>;
  /** Ends the claim of this run; with `converged`, notes what was reached. */
  finish(
    repository: string,
    channel: string,
    runId: string,
    converged: { sha: string; tree: string; at: number } | undefined,
  ): Promise<void>;
  hold(repository: string, channel: string, reason: string | undefined): Promise<void>;
}

export interface EvidenceStore {
  /** The newest, whatever branch it was proven for: the stages that proved it are part of the key. */
  find(key: string): Promise<Evidence | undefined>;
  /** A later verdict of the same step for the same branch replaces an earlier one. */
  keep(evidence: Evidence): Promise<void>;
  /** The trees from which the step to this one was proven for the branch. */
  provenBases(repository: string, branch: string, tree: string): Promise<string[]>;
}

/** What was last told to the forge, so that nothing is told twice. */
export interface ReportStore {
  last(key: string): Promise<string | undefined>;
  sent(key: string, content: string): Promise<void>;
  /** Whether nobody else speaks about the subject; then the holder does, until the end of its turn or for so many milliseconds from the last time it asked. */
  takeTurn(subject: string, holder: string, milliseconds: number): Promise<boolean>;
  endTurn(subject: string, holder: string): Promise<void>;
}

export interface TrustStore {
  approve(repository: string, pullRequest: number, headSha: string, by: string): Promise<void>;
  approvedBy(repository: string, pullRequest: number, headSha: string): Promise<string | undefined>;
}

/** A browser's session. */
export interface Session {
  /** SHA-256 of its id, which the store doesn't know. */
  idHash: string;
  /** Of the user who began it, see Authentication. */
  credential: string;
  begunAt: number;
  usedAt: number;
}

export interface SessionStore {
  begin(session: Session): Promise<void>;
  find(idHash: string): Promise<Session | undefined>;
  /** Does not bring an ended one back. */
  used(idHash: string, at: number): Promise<void>;
  end(idHash: string): Promise<void>;
  /** Ends those that began, or were last used, before then. */
  forget(before: { begunBefore: number; usedBefore: number }): Promise<void>;
}

export interface AuditEntry {
  /** What may be noted twice, by whoever comes after a crash, has an id of its own: the same id is the same entry. */
  id?: string;
  at: number;
  /** A user of the forge or the API, or `fairway` itself. */
  actor: string;
  action: string;
  subject: string;
  detail: string;
}

export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(limit: number): Promise<AuditEntry[]>;
}

/** The truth: what Fairway knows and can't find out by looking at the world. */
export interface Store {
  deliveries: DeliveryStore;
  runs: RunStore;
  channels: ChannelStore;
  evidence: EvidenceStore;
  reports: ReportStore;
  trust: TrustStore;
  clusters: ClusterRegistry;
  sessions: SessionStore;
  audit: AuditLog;
  close(): Promise<void>;
}
