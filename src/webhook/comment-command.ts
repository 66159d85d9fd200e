import { closestName } from '../domain/closest-name.ts';
import { visibleLines } from './visible-lines.ts';

export const commands = ['/test', '/retest', '/cancel', '/ok-to-test'] as const;

export type CommentCommand = (typeof commands)[number];

export type CommentReading =
  /** `commit`: the full id behind /ok-to-test. A part of one is not enough: whoever pushes can make commits whose ids begin alike. */
  | { found: 'command'; command: CommentCommand; commit?: string }
  /** Someone seems to have meant a command of ours; `said` tells them what they wrote instead. */
  | { found: 'attempt'; said: string }
  | { found: 'nothing' };

/** A word with a slash before it, and whatever follows on the line; a path has a second slash or a dot in its word. */
const likeCommand = /^\/([a-z][-a-z0-9_]{0,39})(?![-\w/]|\.\w)(.*)$/i;

const trusting = /^\/ok-to-test ([0-9a-f]{40}(?:[0-9a-f]{24})?)$/;

/** The first command that is all that a line of the comment shows; without one, the first line that is nearly one. */
export function readComment(comment: string): CommentReading {
  const lines = visibleLines(comment);
  for (const line of lines) {
    const written = line.toLowerCase();
    const command = commands.find((known) => written === known);
    if (command) return { found: 'command', command };
    const commit = trusting.exec(written)?.[1];
    if (commit) return { found: 'command', command: '/ok-to-test', commit };
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
  if (known === '/ok-to-test' && /^ [0-9a-f]{4,}$/i.test(rest))
    return '`/ok-to-test` takes a whole commit id: others can be made that begin alike.';
  if (known) return rest === '' ? undefined : `\`${known}\` counts when nothing else stands on its line.`;
  const meant = name === '' ? undefined : closestName(written, commands);
  return meant && `\`${written}\` is no command. \`${meant}\` is one, alone on its line.`;
}
