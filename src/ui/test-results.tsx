import { useState } from 'preact/hooks';
import type { RunView, StepView } from '../api/run-view.ts';
import { isJsonObject } from '../domain/json.ts';
import { oneLine, visibleLines } from '../domain/visible-text.ts';

interface Spec {
  name: string;
  outcome: string;
  seconds: number | undefined;
  reason: string;
}

interface Results {
  title: string;
  passed: number;
  failed: number;
  skipped: number;
  specs: Spec[];
}

/** What the conformance and e2e steps counted, spec by spec where they say so. */
export function TestResults({ run }: { run: RunView }) {
  const all = run.stages.flatMap((stage) => stage.steps.flatMap((step) => read(stage.name, step)));
  return (
    <>
      {all.map((results) => (
        <ResultsSection key={results.title} results={results} />
      ))}
    </>
  );
}

function ResultsSection({ results }: { results: Results }) {
  const { title, passed, failed, skipped, specs } = results;
  const [only, setOnly] = useState(failed > 0 ? 'failed' : '');
  const outcomes = [...new Set(specs.map(({ outcome }) => outcome))].sort();
  const shown = specs.filter(({ outcome }) => only === '' || outcome === only);
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <p class="counts">
        <span class="good">{passed} passed</span> <span class={failed > 0 ? 'bad' : 'quiet'}>{failed} failed</span>{' '}
        <span class="quiet">{skipped} skipped</span>
      </p>
      {outcomes.length > 1 && (
        <select
          aria-label={`Outcome of ${title}`}
          value={only}
          onChange={({ currentTarget }) => setOnly(currentTarget.value)}
        >
          {['', ...outcomes].map((outcome) => (
            <option key={outcome} value={outcome}>
              {outcome === '' ? 'all outcomes' : outcome}
            </option>
          ))}
        </select>
      )}
      {shown.length > 0 && (
        <details open={shown.length <= 50 || only !== ''}>
          <summary>{shown.length === 1 ? '1 spec' : `${shown.length} specs`}</summary>
          <table class="specs">
            <tbody>
              {shown.map((spec) => (
                <tr key={spec.name}>
                  <td class={spec.outcome === 'failed' ? 'bad' : spec.outcome === 'passed' ? 'good' : 'quiet'}>
                    {spec.outcome}
                  </td>
                  <td>
                    {oneLine(spec.name)}
                    {spec.reason !== '' && <p class="text reason">{visibleLines(spec.reason)}</p>}
                  </td>
                  <td class="quiet number">{spec.seconds === undefined ? '' : `${spec.seconds.toFixed(1)} s`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </section>
  );
}

/** A step whose output counts passed and failed ones; others have no results to show. */
function read(stage: string, { kind, output }: StepView): Results[] {
  if (!isJsonObject(output) || typeof output.passed !== 'number' || typeof output.failed !== 'number') return [];
  const specs = Array.isArray(output.specs) ? output.specs.filter(isJsonObject) : [];
  return [
    {
      title: stage === kind ? stage : `${stage}: ${kind}`,
      passed: output.passed,
      failed: output.failed,
      skipped: typeof output.skipped === 'number' ? output.skipped : 0,
      specs: specs.map(({ name, outcome, status, seconds, reason }) => ({
        name: String(name),
        outcome: String(outcome ?? status ?? ''),
        seconds: typeof seconds === 'number' ? seconds : undefined,
        reason: String(reason ?? ''),
      })),
    },
  ];
}
