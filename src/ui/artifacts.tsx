import type { RunView } from '../api/run-view.ts';
import { Loaded } from './loaded.tsx';
import { useData } from './use-data.ts';
import { bytes } from './words.ts';

/** The files that the run has left so far. */
export function Artifacts({ run }: { run: RunView }) {
  const ended = run.stages.flatMap(({ steps }) => steps).filter(({ finishedAt }) => finishedAt !== undefined).length;
  const [data] = useData<{ items: { name: string; bytes: number }[] }>(
    `/api/v1/runs/${run.id}/artifacts?ended=${ended}`,
  );
  return (
    <section aria-label="Artifacts">
      <h2>Artifacts</h2>
      <Loaded data={data}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="quiet">None yet.</p>
          ) : (
            <ul class="artifacts">
              {items.map((file) => (
                <li key={file.name}>
                  <a href={`/api/v1/runs/${run.id}/artifacts/${file.name}`} target="_blank" rel="noreferrer">
                    {file.name}
                  </a>{' '}
                  <span class="quiet">{bytes(file.bytes)}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
