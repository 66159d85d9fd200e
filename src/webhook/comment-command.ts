import { closestName } from '../domain/closest-name.ts';
import { visibleLines } from './visible-lines.ts';

export const commands = ['/test', '/retest', '/cancel', '/ok-to-test'] as const;

export type CommentCommand = (typeof commands)[number];

export type CommentReading =
  | { found: 'command'; command: CommentCommand }
  /** Someone seems to have meant a command of ours; `said` tells them what they wrote instead. */
  | { found: 'attempt'; said: string }
  | { found: 'nothing' };

/** A word with a slash before it, and whatever follows on the line; a path has a second slash or a dot in its word. */
const likeCommand = /^\/([a-z][-a-z0-9_]{0,39})(?![-\w/]|\.\w)(.*)$/i;

/** The first command that is all that a line of the comment shows; without one, the first line that is nearly one. */
export function readComment(comment: string): CommentReading {
  const lines = visibleLines(comment);
  for (const line of lines) {
    const command = commands.find((known) => line.toLowerCase() === known);
    if (command) return { found: 'command', command };
  }
  for (const line of lines) {
    const said = attemptIn(line);
    if (said !== undefined) return { found: 'attempt', said };
  }
  return { found: 'nothing' };
}

/** Other programs listen for words with a slash too, and paths begin with one: only ours, and what is nearly ours, is ours to answer. */
function attemptIn(line: string): string | undefined {
  const [, name = '', rest = ''] = likeCommand.exec(line) ?? [];
  const written = `/${name.toLowerCase()}`;
  if (written === '/fairway') return '`/fairway` is no command.';
  const known = commands.find((command) => command === written);
  if (known) return rest === '' ? undefined : `\`${known}\` counts when nothing else stands on its line.`;
  const meant = name === '' ? undefined : closestName(written, commands);
  return meant && `\`${written}\` is no command. \`${meant}\` is one, alone on its line.`;
}
