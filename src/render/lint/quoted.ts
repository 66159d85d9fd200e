import { cut, oneLine } from '../../domain/visible-text.ts';

/** At most so many characters of a name are shown. */
const longest = 80;

/** A name or value as messages show it, on one line: what can't be seen is shown as an escape. */
export function quoted(text: string): string {
  return oneLine(JSON.stringify(cut(text, longest)));
}
