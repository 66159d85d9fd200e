import type { RunSummary } from '../api/run-view.ts';

type Status = RunSummary['status'];

const signs: Record<Status, string> = {
  queued: '○',
  running: '◐',
  succeeded: '✓',
  failed: '✗',
  errored: '!',
  unknown: '?',
  cancelled: '⊘',
  skipped: '–',
};

/** Colour, sign and word: none of them alone says it. */
export function StatusBadge({ status }: { status: Status }) {
  return (
    <span class={`status ${status}`}>
      <span aria-hidden="true">{signs[status]}</span> {status}
    </span>
  );
}

export function StatusSign({ status, title }: { status: Status; title: string }) {
  return (
    <span class={`sign ${status}`} role="img" aria-label={`${title}: ${status}`} title={`${title}: ${status}`}>
      {signs[status]}
    </span>
  );
}
