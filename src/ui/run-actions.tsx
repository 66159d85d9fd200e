import { useState } from 'preact/hooks';
import type { RunView } from '../api/run-view.ts';
import { isFinal } from '../domain/run.ts';
import { post } from './api-client.ts';
import type { Reader } from './app.tsx';
import { goTo } from './navigation.ts';

/** Cancel or retry, for those who may. */
export function RunActions({ run, reader }: { run: RunView; reader: Reader }) {
  const [refusal, setRefusal] = useState('');
  if (reader.role === 'viewer') return null;
  const act = (work: () => Promise<void>) => () => {
    work().catch((error: unknown) => setRefusal(error instanceof Error ? error.message : String(error)));
  };
  const cancel = act(async () => {
    const reason = window.prompt('End this run? What cleans up still runs. Why (optional):');
    if (reason === null) return;
    await post(`/api/v1/runs/${run.id}/cancel`, reason === '' ? {} : { reason });
  });
  const retry = act(async () => {
    const { runId } = await post<{ runId: string }>(`/api/v1/runs/${run.id}/retry`);
    goTo(`/runs/${runId}`);
  });
  return (
    <span class="actions">
      {isFinal(run.status) ? (
        <button type="button" onClick={retry}>
          Retry
        </button>
      ) : (
        <button type="button" onClick={cancel} disabled={run.cancelReason !== undefined}>
          Cancel
        </button>
      )}
      {refusal !== '' && <span class="notice bad">{refusal}</span>}
    </span>
  );
}
