import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathExists } from './path-exists.ts';
import { type RunningProcess, startDetached } from './processes.ts';

/**
 * A machine of a cluster: process, mount, network, host name and IPC namespaces of its own, held by an init process. Nothing
 * of it is visible outside, and when init is killed the kernel ends all its processes and drops its mounts and links.
 */
export interface Machine {
  name: string;
  folder: string;
  /** Process id of init, as the host sees it. */
  init: number;
}

const machineMark = 'fairway-machine';

// A kubelet sets what no namespace has of its own, such as that the kernel is to panic: in here it sets files of the machine.
// `wait` makes the shell reap orphans such as the containers' shims, as an init has to.
const initScript = `
set -e
mount --make-rshared /
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  [ -e "/proc/sys/$setting" ] || continue
  mkdir -p "/run/sysctl/\${setting%/*}"
  cat "/proc/sys/$setting" >"/run/sysctl/$setting"
  mount --bind "/run/sysctl/$setting" "/proc/sys/$setting"
done
mkdir -p /run/lock /run/netns
for own in /var/lib/kubelet /var/lib/cni /var/log /etc/cni /opt/cni; do
  mkdir -p "$own" "$1$own"
  mount --bind "$1$own" "$own"
done
hostname "$2"
ip link set lo up
touch /run/fairway-up
set +e
while :; do sleep 86400 & wait $!; done
`;

/** The machine, if its init runs and has set it up. */
export async function findMachine(table: RunningProcess[], name: string, folder: string): Promise<Machine | undefined> {
  const init = table.find((entry) => isInitOf(entry, folder));
  if (init === undefined || !(await pathExists(join('/proc', `${init.pid}`, 'root', 'run', 'fairway-up'))))
    return undefined;
  return { name, folder, init: init.pid };
}

/** Whether the process holds a machine whose folder lies below `folder`: its init, or what made its namespaces. */
export function isMachine({ argv }: RunningProcess, folder: string): boolean {
  const mark = argv.indexOf(machineMark);
  return (argv[0] === 'unshare' || mark === 3) && argv[mark + 1]?.startsWith(`${folder}/`) === true;
}

function isInitOf({ argv }: RunningProcess, folder: string): boolean {
  return argv[0] === '/bin/sh' && argv[3] === machineMark && argv[4] === folder;
}

/** The machine of this folder, made when it isn't there. Host name and machine have the same name. */
export async function ensureMachine(
  name: string,
  folder: string,
  table: () => Promise<RunningProcess[]>,
  signal: AbortSignal,
): Promise<Machine> {
  await mkdir(folder, { recursive: true });
  if (!(await table()).some((entry) => isInitOf(entry, folder))) {
    const namespaces = ['--fork', '--pid', '--mount', '--net', '--uts', '--ipc'];
    const init = ['/bin/sh', '-c', initScript, machineMark, folder, name];
    await startDetached(['unshare', ...namespaces, '--', ...init], join(folder, 'machine.log'), {});
  }
  for (;;) {
    const machine = await findMachine(await table(), name, folder);
    if (machine !== undefined) return machine;
    await sleep(10, undefined, { signal });
  }
}

/** A command as it is run inside the machine. */
export function inside({ init }: Machine, command: string[]): string[] {
  return ['nsenter', '-t', String(init), '--net', '--mount', '--pid', '--uts', '--ipc', '--', ...command];
}
