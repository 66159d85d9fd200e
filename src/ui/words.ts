import type { RunSummary } from '../api/run-view.ts';

/** `42s`, `3m 07s`, `2h 05m`; of something that runs, until now. */
export function elapsed(
  { startedAt, finishedAt }: { startedAt?: number | undefined; finishedAt?: number | undefined },
  now: number,
): string {
  if (startedAt === undefined) return '';
  const seconds = Math.max(0, Math.round(((finishedAt ?? now) - startedAt) / 1000));
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${pad(Math.floor((seconds % 3600) / 60))}m`;
}

/** `just now`, `5 min ago`, `3 h ago`, then the date. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return new Date(at).toLocaleDateString();
}

/** What a run is about. */
export function titleOf(run: Pick<RunSummary, 'kind' | 'pullRequest' | 'channel'>): string {
  switch (run.kind) {
    case 'pull-request':
      return run.pullRequest === undefined
        ? `merge queue of ${run.channel}`
        : `#${run.pullRequest} into ${run.channel}`;
    case 'rollout':
      return `rollout of ${run.channel}`;
    case 'rollback':
      return `rollback of ${run.channel}`;
    case 'promotion':
      return `promotion of ${run.channel}`;
    case 'prove':
      return `proof for ${run.channel}`;
  }
}

export function shortSha(sha: string | undefined): string {
  return sha === undefined ? '' : sha.slice(0, 8);
}

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}
