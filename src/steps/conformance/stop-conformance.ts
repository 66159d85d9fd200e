import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { runFolder } from './run-folder.ts';
import { leaderOf } from './run-leader.ts';

const pollMs = 200;

/** Ends the whole process group of the run in this folder: asks first, and after `graceMs` no longer asks. Does nothing when none runs. */
export async function stopConformance(folder: string, { graceMs }: { graceMs: number }): Promise<void> {
  const files = runFolder(folder);
  const leader = await leaderOf(folder);
  if (leader?.alive) {
    signalGroup(leader.pid, 'SIGTERM');
    const deadline = Date.now() + graceMs;
    while (groupLives(leader.pid) && Date.now() < deadline) await sleep(pollMs);
    signalGroup(leader.pid, 'SIGKILL');
  }
  await rm(files.kubeconfig, { force: true });
  await rm(files.temporary, { recursive: true, force: true });
}

function groupLives(pid: number): boolean {
  return signalGroup(pid, 0);
}

/** False when no process of that group is left. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
