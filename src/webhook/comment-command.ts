const commands = ['/test', '/retest', '/cancel', '/ok-to-test'] as const;

export type CommentCommand = (typeof commands)[number];

/** The first command that stands on a line of its own; text around it, quotes and code blocks don't count. */
export function commandIn(comment: string): CommentCommand | undefined {
  let fence: string | undefined;
  for (const line of comment.split(/\r\n|\r|\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && fence === undefined) fence = mark;
    else if (fence !== undefined && mark?.startsWith(fence)) fence = undefined;
    if (fence !== undefined || /^( {4}|\t)/.test(line)) continue;
    const found = commands.find((command) => line.trim() === command);
    if (found) return found;
  }
  return undefined;
}
