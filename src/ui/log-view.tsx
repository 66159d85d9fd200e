import { useEffect, useMemo, useRef } from 'preact/hooks';
import { oneLine, visibleLines } from '../domain/visible-text.ts';
import { type LiveRun, type LogLine, mostLines } from './use-run-events.ts';

const connections: Record<LiveRun['connection'], string> = {
  connecting: 'connecting…',
  live: 'live',
  ended: 'complete',
  lost: 'connection lost; trying again…',
};

interface LogViewProps {
  lines: LogLine[];
  /** Only this stage's lines; undefined: all. */
  stage: string | undefined;
  connection: LiveRun['connection'];
}

/** The log, which follows its end as long as the reader is there. */
export function LogView({ lines, stage, connection }: LogViewProps) {
  const place = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  const text = useMemo(() => printed(lines, stage), [lines, stage]);
  useEffect(() => {
    if (place.current && follows.current) place.current.scrollTop = place.current.scrollHeight;
  }, [text]);
  const noteScroll = ({
    currentTarget: { scrollTop, scrollHeight, clientHeight },
  }: {
    currentTarget: HTMLPreElement;
  }) => {
    follows.current = scrollHeight - scrollTop - clientHeight < 40;
  };
  return (
    <section aria-label="Log">
      <h2>
        Log {stage !== undefined && <>of {stage}</>}{' '}
        <span class={`quiet connection ${connection}`}>{connections[connection]}</span>
      </h2>
      {lines.length === mostLines && <p class="quiet">Only the newest {mostLines} lines are shown.</p>}
      <pre class="log" ref={place} onScroll={noteScroll}>
        {text === '' ? 'Nothing yet.' : text}
      </pre>
    </section>
  );
}

function printed(lines: LogLine[], stage: string | undefined): string {
  return lines
    .filter((line) => stage === undefined || line.stage === stage)
    .map(
      (line) =>
        `${new Date(line.at).toLocaleTimeString()}  ${stage === undefined ? `${oneLine(line.stage)}: ` : ''}${continued(line.text)}`,
    )
    .join('\n');
}

/** What follows in a text of several lines is indented, so that it can't pass for another line. */
function continued(text: string): string {
  return visibleLines(text).replaceAll('\n', '\n    ');
}
