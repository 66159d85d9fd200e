/** Moments are epoch milliseconds, documents JSON text: the same on SQLite and Postgres. */
export interface Tables {
  deliveries: {
    id: string;
    event: string;
    payload: string;
    received_at: number;
    finished_at: number | null;
    retry_at: number | null;
    result: string | null;
  };
  runs: {
    id: string;
    kind: string;
    repository: string;
    channel: string;
    pull_request: number | null;
    head_sha: string;
    status: string;
    created_at: number;
    wake_at: number | null;
    cancel_reason: string | null;
    lease_owner: string | null;
    lease_until: number;
    told_at: number | null;
    document: string;
  };
  log_lines: { run_id: string; sequence: number; at: number; stage: string; text: string };
  channels: {
    repository: string;
    channel: string;
    branch: string | null;
    live_run: string | null;
    attempted_sha: string | null;
    converged_sha: string | null;
    converged_tree: string | null;
    converged_at: number | null;
    held: string | null;
  };
  evidence: {
    key: string;
    repository: string;
    branch: string;
    base_tree: string;
    tree: string;
    verdict: 'success' | 'failure';
    reason: string;
    run_id: string;
    at: number;
  };
  reports: { key: string; content: string };
  turns: { subject: string; holder: string; until: number };
  trust: { repository: string; pull_request: number; head_sha: string; approved_by: string };
  clusters: { id: string; channel: string; created_at: string; document: string };
  sessions: { id_hash: string; credential: string; begun_at: number; used_at: number };
  audit: { id: string; at: number; actor: string; action: string; subject: string; detail: string };
}
