import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { ProviderPowers } from '../../../ports/cluster-provider.ts';

/** What this machine has for clusters with nodes. */
export interface Host {
  powers: ProviderPowers;
  /** Absolute path; empty when missing. */
  containerd: string;
  /** Folder of the CNI plugins; empty when missing. */
  cniPlugins: string;
}

const tools = ['unshare', 'nsenter', 'setpriv', 'mount', 'ip', 'iptables', 'conntrack', 'containerd', 'ctr', 'runc'];
const packages = 'containerd runc containernetworking-plugins iptables conntrack iproute2 util-linux ebtables socat';
const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const cniFolders = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

/** Looks at user, operating system and installed tools. */
export async function lookAtHost(): Promise<Host> {
  const missing: string[] = [];
  if (process.platform !== 'linux') {
    missing.push(
      `Nodes need Linux, and this is ${process.platform}: clusters are control planes without nodes. Run Fairway on Linux to get pods.`,
    );
    return { powers: powers(missing), containerd: '', cniPlugins: '' };
  }
  if (process.geteuid?.() !== 0) {
    missing.push(
      'Nodes need root, and this is an ordinary user: clusters are control planes without nodes. Run Fairway as root to get pods.',
    );
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...systemFolders];
  const found = new Map(await Promise.all(tools.map(async (tool) => [tool, await find(tool, folders)] as const)));
  const absent = tools.filter((tool) => found.get(tool) === undefined);
  const bridge = await find('bridge', cniFolders);
  if (bridge === undefined) absent.push('CNI plugins');
  if (absent.length > 0) {
    missing.push(
      `Nodes need ${absent.join(', ')}, not found here: clusters are control planes without nodes. Install them (Debian: apt-get install ${packages}).`,
    );
  }
  return {
    powers: powers(missing),
    containerd: found.get('containerd') ?? '',
    cniPlugins: bridge === undefined ? '' : join(bridge, '..'),
  };
}

function powers(missing: string[]): ProviderPowers {
  const realNodes = missing.length === 0;
  const noInternet =
    'Nodes of local clusters do not reach the internet: pods can use the prepared test images, and no others are pulled.';
  const noBalancers =
    'Load balancers are not provided by local clusters: use a NodePort, or reach pods and services at their addresses.';
  return {
    realNodes,
    severalNodes: realNodes,
    loadBalancers: false,
    missing: [...missing, ...(realNodes ? [noInternet] : []), noBalancers],
  };
}

async function find(name: string, folders: string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const file = join(folder, name);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}
