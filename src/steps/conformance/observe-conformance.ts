import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '../../domain/errors.ts';
import type { ConformanceResult, ConformanceState } from './conformance-state.ts';
import { judge } from './judge.ts';
import { readJunit } from './read-junit.ts';
import { readLog } from './read-log.ts';
import { runFolder } from './run-folder.ts';
import { leaderOf } from './run-leader.ts';
import { selection } from './selection.ts';

const mostReport = 64 * 1024 * 1024;

/** Looks how the run in this folder stands; any process may ask, whoever started it. */
export async function observeConformance(folder: string): Promise<ConformanceState> {
  const leader = await leaderOf(folder);
  if (leader === undefined) return { state: 'absent' };
  const files = runFolder(folder);
  // The exit code is written last, so it is looked for after the leader.
  const exitCode = await readFile(files.exitCode, 'utf8').catch(() => undefined);
  const log = await readFile(files.log, 'utf8').catch(() => '');
  if (exitCode === undefined && leader.alive) return { state: 'running', progress: readLog(log) };
  if (exitCode === undefined) {
    return finished(unknown(`the suite was ended before it could finish${soFar(log)}`));
  }
  try {
    const selected = selection.parse(JSON.parse(await readFile(files.selection, 'utf8')));
    const { size } = await stat(files.junit);
    if (size > mostReport) throw new Error(`the report has ${size} bytes, more than the ${mostReport} that are read`);
    const report = readJunit(await readFile(files.junit, 'utf8'));
    return finished(judge(selected, report, Number(exitCode)));
  } catch (error) {
    const said = log.trim().split('\n').slice(-3).join(' ');
    return finished(unknown(`the suite left no readable result (${messageOf(error)}); its last words: ${said}`));
  }
}

function soFar(log: string): string {
  const { done, total } = readLog(log);
  return total === undefined ? '' : `, after ${done} of ${total} specs`;
}

function finished(result: ConformanceResult): ConformanceState {
  return { state: 'finished', result };
}

function unknown(reason: string): ConformanceResult {
  return { verdict: 'unknown', passed: 0, failed: 0, skipped: 0, specs: [], leftOut: [], reason };
}
