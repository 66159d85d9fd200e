import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where everything lies that must survive a restart: `--state`, else FAIRWAY_STATE, else the user's state folder. */
export function stateFolder(option: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const named = option ?? env.FAIRWAY_STATE;
  if (named !== undefined && named !== '') return resolve(named);
  return join(env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'fairway');
}
