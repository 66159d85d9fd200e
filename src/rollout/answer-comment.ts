import type { Planning } from './planning.ts';

export interface Asked {
  repository: string;
  pullRequest: number;
  requestedBy: string;
}

/** Tells someone what became of their comment, and what they may write. A pull request has one such answer, the newest. */
export async function answerComment({ forge }: Pick<Planning, 'forge'>, asked: Asked, said: string): Promise<void> {
  const body = [
    `@${asked.requestedBy}: ${said}`,
    '',
    'A command stands alone on a line of a new comment:',
    '',
    '- `/test` and `/retest` prove the pull request again',
    '- `/cancel` ends its run',
    "- `/ok-to-test COMMIT`, by someone with write access, lets this head run when it is a stranger's or a fork's; without the commit, the one that stood when the comment was written",
  ].join('\n');
  await forge.reportComment(asked.repository, asked.pullRequest, '<!-- fairway:commands -->', body);
}

/** Whoever asked is told: nothing else on the pull request would show that they were heard. */
export async function refuseCommand(planning: Pick<Planning, 'forge'>, asked: Asked, refusal: string): Promise<string> {
  await answerComment(planning, asked, `this was not done: ${refusal}.`);
  return `ignored: ${refusal}`;
}
