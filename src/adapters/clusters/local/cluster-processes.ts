import { controlPlaneParts } from './control-plane.ts';
import { isMachine } from './machine.ts';
import { nodeParts } from './node.ts';
import { isProgramOf, type RunningProcess } from './processes.ts';

const programs = [...controlPlaneParts('', 1), ...nodeParts('')].map(({ program }) => program);

/**
 * Whether a process was started for a cluster whose folder is, or lies below, `folder`. Only the programs of a cluster count: a
 * pager on one of its logs belongs to whoever reads it.
 */
export function isOfClusters(entry: RunningProcess, folder: string): boolean {
  return isMachine(entry, folder) || programs.some((program) => isProgramOf(entry, program, folder));
}
