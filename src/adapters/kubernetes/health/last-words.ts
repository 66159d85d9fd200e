import type { LiveObject } from '../live-object.ts';
import { collectionPath, type ObjectApi } from '../object-api.ts';
import { PODS } from './workload-pods.ts';

const LINES = 10;
const MAX_LENGTH = 1500;

/** The last lines of a container's log; of its run before, when the present one has said nothing. Empty without any. */
export async function lastWords(
  api: ObjectApi,
  pod: LiveObject,
  container: string,
  signal: AbortSignal,
): Promise<string> {
  const path = `${collectionPath(PODS, pod.metadata.namespace)}/${encodeURIComponent(pod.metadata.name)}/log`;
  for (const previous of ['false', 'true']) {
    const query = { container, previous, tailLines: String(LINES), limitBytes: '20000' };
    const text = (await api.server.text(path, query, signal))?.trim() ?? '';
    if (text !== '') {
      const shown = text.length > MAX_LENGTH ? `…${text.slice(-MAX_LENGTH)}` : text;
      return `last words of ${container}:\n${shown.replaceAll(/^/gm, '  ')}`;
    }
  }
  return '';
}
