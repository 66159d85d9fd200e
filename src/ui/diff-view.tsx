import type { RunView } from '../api/run-view.ts';
import type { Json } from '../domain/json.ts';
import { describeRef } from '../domain/manifest.ts';
import { oneLine, visibleLines } from '../domain/visible-text.ts';
import type { ChannelDiff, SharedChange } from '../render/diff.ts';
import { Loaded } from './loaded.tsx';
import { useData } from './use-data.ts';

const signs = { added: '+', removed: '−', changed: '~' };

/** What the head changes in the clusters, object by object, once the diff step has written it. */
export function DiffView({ run }: { run: RunView }) {
  const done = run.stages.some(({ steps }) =>
    steps.some(({ kind, status }) => kind === 'diff' && status === 'succeeded'),
  );
  return done ? <Diff id={run.id} /> : null;
}

function Diff({ id }: { id: string }) {
  const [data] = useData<ChannelDiff>(`/api/v1/runs/${id}/artifacts/diff.json`);
  return (
    <section aria-label="Changes">
      <h2>Changes</h2>
      <Loaded data={data}>
        {({ clusterIds, changes }) =>
          changes.length === 0 ? (
            <p class="quiet">No object changes.</p>
          ) : (
            <ul class="changes">
              {changes.map((shared) => (
                <Change
                  key={JSON.stringify([shared.change.ref, shared.clusterIds])}
                  shared={shared}
                  of={clusterIds.length}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

function Change({ shared: { change, clusterIds }, of }: { shared: SharedChange; of: number }) {
  return (
    <li class="card">
      <span class={`change ${change.change}`}>{signs[change.change]}</span> <strong>{describeRef(change.ref)}</strong>{' '}
      <code class="quiet">{oneLine(change.file)}</code>
      {of > 1 && (
        <span class="quiet"> {clusterIds.length === of ? `all ${of} clusters` : oneLine(clusterIds.join(', '))}</span>
      )}
      {change.change === 'changed' && (
        <dl>
          {change.fields.map(({ path, before, after }) => (
            <div key={path}>
              <dt>
                <code>{oneLine(path)}</code>
              </dt>
              {before !== undefined && <dd class="removed">{show(before)}</dd>}
              {after !== undefined && <dd class="added">{show(after)}</dd>}
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

function show(value: Json): string {
  return visibleLines(typeof value === 'string' ? value : JSON.stringify(value, null, 1));
}
