import { useState } from 'preact/hooks';
import type { RunSummary } from '../api/run-view.ts';
import { isFinal } from '../domain/run.ts';
import { oneLine } from '../domain/visible-text.ts';
import { Loaded } from './loaded.tsx';
import { StatusBadge, StatusSign } from './status.tsx';
import { useData } from './use-data.ts';
import { useNow } from './use-now.ts';
import { ago, elapsed, shortSha, titleOf } from './words.ts';

const kinds = {
  '': 'all kinds',
  'pull-request': 'pull requests',
  rollout: 'rollouts',
  promotion: 'promotions',
  prove: 'proofs',
};

export function RunsPage() {
  const [kind, setKind] = useState('');
  const [live, setLive] = useState(false);
  const query = new URLSearchParams({
    limit: '100',
    ...(kind === '' ? {} : { kind }),
    ...(live ? { live: 'true' } : {}),
  });
  const [data] = useData<{ items: RunSummary[] }>(`/api/v1/runs?${query}`, 3_000);
  return (
    <>
      <h1>Runs</h1>
      <p class="filters">
        <select aria-label="Kind" value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value)}>
          {Object.entries(kinds).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
        <label>
          <input type="checkbox" checked={live} onChange={({ currentTarget }) => setLive(currentTarget.checked)} /> only
          unfinished
        </label>
      </p>
      <Loaded data={data}>{({ items }) => <RunList runs={items} />}</Loaded>
    </>
  );
}

function RunList({ runs }: { runs: RunSummary[] }) {
  const now = useNow(runs.some(({ status }) => !isFinal(status)));
  if (runs.length === 0) return <p class="quiet">No runs yet. Open a pull request against a channel's branch.</p>;
  return (
    <ul class="runs">
      {runs.map((run) => (
        <li key={run.id}>
          <a class="card run" href={`/runs/${run.id}`}>
            <StatusBadge status={run.status} />
            <span class="title">
              {titleOf(run)} <span class="quiet">{run.repository}</span>
            </span>
            <span class="signs">
              {run.stages.map((stage) => (
                <StatusSign key={stage.name} status={stage.status} title={stage.name} />
              ))}
            </span>
            <span class="quiet facts">
              <code>{shortSha(run.headSha)}</code> {ago(run.createdAt, now)} {elapsed(run, now)}
            </span>
            {run.reason !== '' && <span class="reason">{oneLine(run.reason.split('\n', 1)[0] ?? '')}</span>}
          </a>
        </li>
      ))}
    </ul>
  );
}
