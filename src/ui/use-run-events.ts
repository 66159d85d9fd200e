import { useEffect, useState } from 'preact/hooks';
import type { RunView } from '../api/run-view.ts';

export interface LogLine {
  sequence: number;
  at: number;
  stage: string;
  text: string;
}

export interface LiveRun {
  run: RunView | undefined;
  lines: LogLine[];
  connection: 'connecting' | 'live' | 'ended' | 'lost';
}

/** More than these would make a phone slow; the API has the whole log. */
export const mostLines = 5_000;

/** A run as it goes on; after a break the stream continues behind the last line. */
export function useRunEvents(id: string): LiveRun {
  const [live, setLive] = useState<LiveRun>({ run: undefined, lines: [], connection: 'connecting' });
  useEffect(() => {
    let fresh: LogLine[] = [];
    let frame = 0;
    const source = new EventSource(`/api/v1/runs/${id}/events`);
    const show = (): void => {
      const added = fresh;
      fresh = [];
      setLive((old) => ({ ...old, lines: [...old.lines, ...added].slice(-mostLines) }));
    };
    source.addEventListener('open', () => setLive((old) => ({ ...old, connection: 'live' })));
    source.addEventListener('log', ({ data }) => {
      fresh.push(JSON.parse(data));
      if (fresh.length === 1) frame = window.setTimeout(show, 50);
    });
    source.addEventListener('run', ({ data }) => setLive((old) => ({ ...old, run: JSON.parse(data) })));
    source.addEventListener('end', () => {
      source.close();
      setLive((old) => ({ ...old, connection: 'ended' }));
    });
    source.addEventListener('error', () => setLive((old) => ({ ...old, connection: 'lost' })));
    return () => {
      source.close();
      window.clearTimeout(frame);
    };
  }, [id]);
  return live;
}
