import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { PinoPretty as pretty } from 'pino-pretty';

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
  if (!process.stderr.isTTY) return pino.destination(2);
  return pretty({
    destination: 2,
    sync: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
  });
}
