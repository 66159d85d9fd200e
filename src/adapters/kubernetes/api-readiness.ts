import type { ApiReadiness } from '../../ports/kube.ts';
import type { ApiServer } from './api-server.ts';

const SAMPLES = 3;

/** Throws FairwayError `unavailable` when the API server can't be reached at all. */
export async function apiReadiness(server: ApiServer, signal: AbortSignal): Promise<ApiReadiness> {
  const durations: number[] = [];
  let report = '';
  for (let sample = 0; sample < SAMPLES; sample++) {
    const started = performance.now();
    report = await server.probe('/readyz', { verbose: '' }, signal);
    durations.push(performance.now() - started);
  }
  const failing = report.split('\n').filter((line) => line.startsWith('[-]'));
  const ready = report.includes('readyz check passed');
  const reason = ready ? '' : failing.join('; ') || report.trim().slice(0, 500);
  return { ready, reason, latencyMs: durations.sort((a, b) => a - b)[Math.floor(SAMPLES / 2)] ?? 0 };
}
