import type { ConformanceResult, SpecResult } from './conformance-state.ts';
import type { JunitReport } from './read-junit.ts';
import type { Selection } from './selection.ts';

const named = 3;

/** Weighs what ran against what was selected: a spec without a result is never taken for a passed one. */
export function judge(selection: Selection, report: JunitReport, exitCode: number): ConformanceResult {
  const byName = new Map(report.specs.map((spec) => [spec.name, spec]));
  const specs = selection.specs.flatMap((name) => byName.get(name) ?? []);
  const missing = selection.specs.filter((name) => !byName.has(name));
  const count = (outcome: SpecResult['outcome']) => specs.filter((spec) => spec.outcome === outcome).length;
  const skipped = specs.filter((spec) => spec.outcome === 'skipped');
  const leftOut = [...selection.leftOut, ...skipped.map(({ name, reason }) => `${name}: ${firstLine(reason)}`)];
  const counts = { passed: count('passed'), failed: count('failed'), skipped: skipped.length, specs, leftOut };
  const total = selection.specs.length;
  const unknown = (reason: string): ConformanceResult => ({ verdict: 'unknown', ...counts, reason });

  if (counts.failed > 0) {
    const failed = specs.filter((spec) => spec.outcome === 'failed').map((spec) => spec.name);
    return { verdict: 'failure', ...counts, reason: `${counts.failed} of ${total} specs failed: ${some(failed)}` };
  }
  const [suiteFailure] = report.suiteFailures;
  if (suiteFailure !== undefined) return unknown(`the suite could not be run: ${firstLine(suiteFailure)}`);
  if (total === 0) return unknown(`the profile ${selection.profile} selects none of this release's specs`);
  if (missing.length > 0) return unknown(`${missing.length} of ${total} specs have no result: ${some(missing)}`);
  if (counts.skipped > 0 && (selection.skips === 'not allowed' || counts.passed === 0)) {
    return unknown(
      `${skipped.length} of ${total} specs left themselves out: ${skipped[0]?.name}: ${skipped[0]?.reason}`,
    );
  }
  if (exitCode !== 0)
    return unknown(`all specs passed, but ginkgo ended with exit code ${exitCode}; see the log's end`);
  const left = counts.skipped > 0 ? `, ${counts.skipped} left themselves out` : '';
  return { verdict: 'success', ...counts, reason: `${counts.passed} of ${total} specs passed${left}` };
}

function some(names: string[]): string {
  const more = names.length > named ? ` and ${names.length - named} more` : '';
  return names.slice(0, named).join('; ') + more;
}

function firstLine(text: string): string {
  return text.replace(/^\[[A-Z]+\] /, '').split('\n', 1)[0] ?? text;
}
