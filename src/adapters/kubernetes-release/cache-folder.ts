import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where things made once per machine are kept: `$XDG_CACHE_HOME/fairway`, else `~/.cache/fairway`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(base, 'fairway');
}
