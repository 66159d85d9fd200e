import { useState } from 'preact/hooks';
import type { ChannelView } from '../api/channel-routes.ts';
import { visibleLines } from '../domain/visible-text.ts';
import { post } from './api-client.ts';
import type { Reader } from './app.tsx';
import { Loaded } from './loaded.tsx';
import { useData } from './use-data.ts';
import { ago, shortSha } from './words.ts';

export function ChannelsPage({ reader }: { reader: Reader }) {
  const [data, reload] = useData<{ items: ChannelView[] }>('/api/v1/channels', 5_000);
  return (
    <>
      <h1>Channels</h1>
      <Loaded data={data}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="quiet">No channel has been rolled out yet. Merge a pull request into a channel's branch.</p>
          ) : (
            <div class="tiles">
              {items.map((channel) => (
                <ChannelCard
                  key={`${channel.repository} ${channel.channel}`}
                  channel={channel}
                  reader={reader}
                  changed={reload}
                />
              ))}
            </div>
          )
        }
      </Loaded>
    </>
  );
}

function ChannelCard({ channel, reader, changed }: { channel: ChannelView; reader: Reader; changed: () => void }) {
  const { convergedSha, convergedAt, attemptedSha, liveRun, held } = channel;
  return (
    <article class="card">
      <h2>
        {channel.channel} {channel.promotesTo !== undefined && <span class="quiet">→ {channel.promotesTo}</span>}{' '}
        <span class="quiet">{channel.repository}</span>
      </h2>
      <p>
        {convergedSha === undefined || convergedAt === undefined ? (
          'Not converged to any revision yet'
        ) : (
          <>
            Converged to <code title={convergedSha}>{shortSha(convergedSha)}</code> {ago(convergedAt, Date.now())}
          </>
        )}
      </p>
      {liveRun !== undefined && (
        <p>
          <a href={`/runs/${liveRun}`}>Rolling out</a> <code>{shortSha(attemptedSha)}</code>
        </p>
      )}
      {liveRun === undefined && attemptedSha !== undefined && attemptedSha !== convergedSha && (
        <p class="notice bad">
          The rollout of <code>{shortSha(attemptedSha)}</code> did not converge.
        </p>
      )}
      {held !== undefined && <p class="notice">Held: {visibleLines(held)}</p>}
      {reader.role !== 'viewer' && <ChannelActions channel={channel} changed={changed} />}
    </article>
  );
}

function ChannelActions({ channel, changed }: { channel: ChannelView; changed: () => void }) {
  const [refusal, setRefusal] = useState('');
  const send = (what: string, body: object = {}): void => {
    setRefusal('');
    post(`/api/v1/channels/${channel.repository}/${channel.channel}/${what}`, body)
      .then(changed)
      .catch((error: unknown) => setRefusal(error instanceof Error ? error.message : String(error)));
  };
  const hold = (): void => {
    const reason = window.prompt('Let no rollout start. Why:');
    if (reason) send('hold', { reason });
  };
  const { liveRun, attemptedSha, convergedSha } = channel;
  const stopped = liveRun === undefined && convergedSha !== undefined && attemptedSha !== convergedSha;
  return (
    <p class="actions">
      {channel.held === undefined ? (
        <button type="button" onClick={hold}>
          Hold
        </button>
      ) : (
        <button type="button" onClick={() => send('resume')}>
          Resume
        </button>
      )}
      <button type="button" onClick={() => send('roll-out')} disabled={channel.liveRun !== undefined}>
        Roll out
      </button>
      {stopped && (
        <button type="button" onClick={() => send('rollback')}>
          Roll back
        </button>
      )}
      {refusal !== '' && <span class="notice bad">{refusal}</span>}
    </p>
  );
}
