import type { StageView, StepView } from '../api/run-view.ts';
import { leftOutOf } from '../domain/left-out.ts';
import { visibleLines } from '../domain/visible-text.ts';
import { StatusBadge, StatusSign } from './status.tsx';
import { elapsed } from './words.ts';

interface StageCardProps {
  stage: StageView;
  now: number;
  chosen: boolean;
  choose: () => void;
}

/** A stage with its steps; choosing it narrows the log to it. */
export function StageCard({ stage, now, chosen, choose }: StageCardProps) {
  return (
    <article class={`card stage ${stage.status} ${chosen ? 'chosen' : ''}`}>
      <button type="button" class="plain" aria-pressed={chosen} onClick={choose} title="show only this stage's log">
        <strong>{stage.name}</strong> <StatusBadge status={stage.status} />
        <span class="quiet time">{elapsed(stage, now)}</span>
      </button>
      {stage.reason !== '' && !stage.steps.some(({ reason }) => reason === stage.reason) && (
        <p class="text reason">{visibleLines(stage.reason)}</p>
      )}
      <ol class="steps">
        {stage.steps.map((step, place) => (
          <Step key={`${place} ${step.kind}`} step={step} now={now} />
        ))}
      </ol>
    </article>
  );
}

function Step({ step, now }: { step: StepView; now: number }) {
  const words = step.status === 'running' ? step.progress : step.reason;
  return (
    <li>
      <StatusSign status={step.status} title={step.kind} /> {step.kind}
      <span class="quiet time">{elapsed(step, now)}</span>
      {step.attempts > 1 && <span class="quiet"> tried {step.attempts} times</span>}
      {words !== '' && <p class="text reason">{visibleLines(words)}</p>}
      {leftOutOf(step.output).map((sentence) => (
        <p key={sentence} class="notice">
          left out: {visibleLines(sentence)}
        </p>
      ))}
    </li>
  );
}
