import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { PinoPretty as pretty } from 'pino-pretty';
import { oneLine, visibleLines } from '../domain/visible-text.ts';

export interface LogOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Standard error by default: standard output is for results. */
  destination?: DestinationStream;
}

const secretFields = ['authorization', 'cookie', 'password', 'secret', 'token', 'kubeconfig', 'privateKey'];

/** JSON lines, and plain ones for a terminal. Fields that hold secrets are blacked out up to two levels deep, and request headers wherever fastify puts them. */
export function createLog({ level, destination }: LogOptions): Logger {
  const paths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  const options: LoggerOptions = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: [...paths, 'req.headers["x-hub-signature-256"]'], censor: '[redacted]' },
  };
  return pino(options, destination ?? standardError());
}

function standardError(): DestinationStream {
  return process.stderr.isTTY ? terminalLines(2) : pino.destination(2);
}

/** Lines for people; a text from outside in them can neither move the cursor nor pass for another line. */
export function terminalLines(destination: number | NodeJS.WritableStream): DestinationStream {
  const lines = pretty({
    destination,
    sync: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
  });
  return { write: (record) => void lines.write(`${visibleRecord(record)}\n`) };
}

function visibleRecord(record: string): string {
  return JSON.stringify(
    JSON.parse(record, (key, value: unknown) => {
      if (typeof value !== 'string') return value;
      return key === 'stack' ? visibleLines(value) : oneLine(value);
    }),
  );
}
