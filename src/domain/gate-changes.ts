import type { Pipeline } from './pipeline.ts';

/**
 * Of the paths that a change touches, those by which changes are judged: pipelines and channels, which hold as they are at the base, and
 * the suites of the pipeline, which run as the change has them.
 */
export function gateChanges(changed: readonly string[], { stages }: Pick<Pipeline, 'stages'>): string[] {
  const suites = stages.flatMap(({ steps }) =>
    steps.flatMap(({ kind, with: { run } }) => (kind === 'suite' && typeof run === 'string' ? [run] : [])),
  );
  const places = ['channels', 'pipelines', ...suites.map((path) => path.replace(/\/+$/, ''))];
  return changed.filter((path) => places.some((place) => path === place || path.startsWith(`${place}/`)));
}
