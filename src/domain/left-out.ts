import { isJsonObject, type Json } from './json.ts';
import type { StageRecord } from './run.ts';

/** What a step could not look into and says so, as its output tells; a green step with such a sentence proves less than one without. */
export function leftOutOf(output: Json): string[] {
  return isJsonObject(output) && Array.isArray(output.leftOut) ? output.leftOut.map(String) : [];
}

/** Of all steps, each sentence once. */
export function leftOutOfAll(stages: readonly Pick<StageRecord, 'steps'>[]): string[] {
  return [...new Set(stages.flatMap(({ steps }) => steps.flatMap(({ output }) => leftOutOf(output))))];
}
