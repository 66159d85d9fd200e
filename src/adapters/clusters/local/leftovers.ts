import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { hasCode } from '../error-code.ts';
import { listCgroups } from './cgroups.ts';
import { isOfClusters } from './cluster-processes.ts';
import { isClusterId, statePrefix } from './identity.ts';
import { processTable, type RunningProcess } from './processes.ts';
import { foldersIn } from './record.ts';

const linkList = z.array(z.object({ ifname: z.string() }));

/** Everything on this machine that belongs to local clusters of the state folder, by name, e.g. `process 71 (kubelet)`. */
export async function leftovers(stateDirectory: string): Promise<string[]> {
  const clusters = join(resolve(stateDirectory), 'clusters');
  const isOurs = (id: string) => isClusterId(id) && id.startsWith(statePrefix(resolve(stateDirectory)));
  const found = await onMachine(isOurs, (entry) => isOfClusters(entry, clusters));
  const folders = await foldersIn(clusters);
  return [...found, ...mountsBelow(clusters), ...folders.map((name) => `folder ${join(clusters, name)}`)];
}

/** The same for every local cluster of any Fairway on this machine; folders and mounts are not known without a state folder. */
export async function leftoversOfAll(): Promise<string[]> {
  return onMachine(isClusterId, (entry) => {
    const folders = entry.argv.flatMap(
      (word) => /\/[^=:]*\/clusters(?=\/[^/]+\/(control-plane|node-\d+))/.exec(word)?.[0] ?? [],
    );
    return folders.some((folder) => isOfClusters(entry, folder));
  });
}

async function onMachine(
  isOurs: (id: string) => boolean,
  runsForIt: (entry: RunningProcess) => boolean,
): Promise<string[]> {
  const processes = (await processTable()).filter(
    (entry) => entry.pid !== process.pid && (runsForIt(entry) || cgroupsOf(entry).some(isOurs)),
  );
  const names = processes.map(({ pid, argv }) => `process ${pid} (${basename(argv[0] ?? '')})`);
  if (process.platform !== 'linux') return names;
  // A machine's mounts and network live and end with its init process, so that they need no list of their own.
  const links = (await hostLinks()).filter(isOurs).map((name) => `link ${name}`);
  const cgroups = (await listCgroups(isOurs)).map((name) => `cgroup ${name}`);
  return [...names, ...links, ...cgroups];
}

/** First folders of the cgroups that a process is in: those of a pod begin with the cluster's id. */
function cgroupsOf({ pid }: RunningProcess): string[] {
  try {
    const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
    return lines.map((line) => line.split(':')[2]?.split('/')[1] ?? '');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES')) return [];
    throw error;
  }
}

function mountsBelow(folder: string): string[] {
  if (!existsSync('/proc/self/mountinfo')) return [];
  const targets = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  return targets.filter((target) => target.startsWith(`${folder}/`)).map((target) => `mount ${target}`);
}

async function hostLinks(): Promise<string[]> {
  const { stdout, failed } = await execa('ip', ['-j', 'link'], { reject: false });
  return failed ? [] : linkList.parse(JSON.parse(stdout)).map(({ ifname }) => ifname);
}
