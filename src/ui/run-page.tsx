import { useState } from 'preact/hooks';
import type { RunView } from '../api/run-view.ts';
import { isFinal } from '../domain/run.ts';
import { visibleLines } from '../domain/visible-text.ts';
import type { Reader } from './app.tsx';
import { Artifacts } from './artifacts.tsx';
import { DiffView } from './diff-view.tsx';
import { Loaded } from './loaded.tsx';
import { LogView } from './log-view.tsx';
import { RunActions } from './run-actions.tsx';
import { StageCard } from './stage-card.tsx';
import { StatusBadge } from './status.tsx';
import { TestResults } from './test-results.tsx';
import { useData } from './use-data.ts';
import { useNow } from './use-now.ts';
import { type LiveRun, useRunEvents } from './use-run-events.ts';
import { ago, elapsed, shortSha, titleOf } from './words.ts';

export function RunPage({ id, reader }: { id: string; reader: Reader }) {
  const live = useRunEvents(id);
  const [first] = useData<RunView>(`/api/v1/runs/${id}`);
  const data = live.run ? { state: 'ready' as const, value: live.run } : first;
  return <Loaded data={data}>{(run) => <RunDetails run={run} live={live} reader={reader} />}</Loaded>;
}

function RunDetails({ run, live, reader }: { run: RunView; live: LiveRun; reader: Reader }) {
  const [stage, setStage] = useState<string>();
  const now = useNow(!isFinal(run.status));
  return (
    <>
      <div class="headline">
        <h1>{titleOf(run)}</h1>
        <StatusBadge status={run.status} />
        <RunActions run={run} reader={reader} />
      </div>
      <p class="quiet facts">
        {run.repository} · <code title={run.headSha}>{shortSha(run.headSha)}</code>
        {run.baseSha !== undefined && (
          <>
            {' on '}
            <code title={run.baseSha}>{shortSha(run.baseSha)}</code>
          </>
        )}
        {` · asked for by ${visibleLines(run.requestedBy)} ${ago(run.createdAt, now)} · ${elapsed(run, now) || 'not started'}`}
      </p>
      {run.reusedFrom !== undefined && (
        <p class="notice">
          The same tree was proven before: see <a href={`/runs/${run.reusedFrom}`}>that run</a>.
        </p>
      )}
      {run.cancelReason !== undefined && <p class="notice">{visibleLines(run.cancelReason)}</p>}
      {run.reason !== '' && (
        <p class={`notice text ${run.status === 'succeeded' ? '' : 'bad'}`}>{visibleLines(run.reason)}</p>
      )}
      <section aria-label="Stages" class="stages">
        {run.stages.map((one) => (
          <StageCard
            key={one.name}
            stage={one}
            now={now}
            chosen={one.name === stage}
            choose={() => setStage(one.name === stage ? undefined : one.name)}
          />
        ))}
      </section>
      <LogView lines={live.lines} stage={stage} connection={live.connection} />
      <TestResults run={run} />
      <DiffView run={run} />
      <Artifacts run={run} />
    </>
  );
}
