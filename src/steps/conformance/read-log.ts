import type { ConformanceProgress } from './conformance-state.ts';

/** How far ginkgo's growing log (verbose, without colour) says the run is. */
export function readLog(log: string): ConformanceProgress {
  const total = /^Will run (\d+) of \d+ specs$/m.exec(log)?.[1];
  const ended = [...log.matchAll(/^• (?:\[([A-Z]+)\] )?\[[\d.]+ seconds\]\n(.*)$/gm)];
  return {
    total: total === undefined ? undefined : Number(total),
    done: ended.length,
    failed: ended.filter(([, word]) => word !== undefined).length,
    latest: specName(ended.at(-1)?.[2] ?? ''),
  };
}

/** Ginkgo marks the failing node inside the name, and adds the labels behind it. */
function specName(line: string): string {
  return line.replace('[It] ', '').replace(/ \[[^\]]*, [^\]]*\]$/, '');
}
