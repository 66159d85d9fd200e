import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of the environment variables that the update hook reads. */
export const PROTECTED_REFS = 'FORGE_PROTECTED_REFS';

const UPDATE_HOOK = `#!/bin/sh
# Refuses direct pushes to protected branches; the server hands their refs over.
set -f
for ref in $${PROTECTED_REFS}; do
  if [ "$1" = "$ref" ]; then
    echo "error: GH006: Protected branch update failed for $1." >&2
    echo "error: Changes must be made through a pull request: protected branch hook declined" >&2
    exit 1
  fi
done
`;

/** Writes the hooks that all repositories share; returns their folder. */
export async function writeGitHooks(directory: string): Promise<string> {
  const hooks = join(directory, 'hooks');
  await mkdir(hooks, { recursive: true });
  const file = join(hooks, 'update');
  await writeFile(file, UPDATE_HOOK);
  await chmod(file, 0o755);
  return hooks;
}
