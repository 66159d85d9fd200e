import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../whole-file.ts';
import type { NodeNetwork } from './cluster-network.ts';
import { pathExists } from './path-exists.ts';

/** Where the node's own folders appear inside its machine: the places that every network plugin knows. */
export const cniFolders = { configuration: '/etc/cni/net.d', programs: '/opt/cni/bin' } as const;

/** What `bridge` needs, and what network plugins that a cluster may bring take for granted. */
const programs = ['bridge', 'host-local', 'loopback', 'portmap'];

/**
 * Gives a node the pod network that it has by itself. containerd takes the first file by name, so that a plugin which the config
 * repository brings replaces ours by writing its own file, and ours is back when that file goes.
 */
export async function writePodNetwork(folder: string, own: NodeNetwork, hostPlugins: string): Promise<void> {
  await writeWhole(
    join(folder, cniFolders.configuration, 'zz-fairway.conflist'),
    JSON.stringify(bridgeNetwork(own), null, 2),
  );
  const target = join(folder, cniFolders.programs);
  await mkdir(target, { recursive: true });
  for (const name of programs) {
    const file = join(target, name);
    if (await pathExists(file)) continue;
    await copyFile(join(hostPlugins, name), `${file}.part`);
    await rename(`${file}.part`, file);
  }
}

function bridgeNetwork(own: NodeNetwork): object {
  return {
    cniVersion: '1.0.0',
    name: 'fairway',
    plugins: [
      {
        type: 'bridge',
        bridge: 'pods',
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: own.pods, gateway: own.podGateway }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  };
}
