import { execa } from 'execa';
import { z } from 'zod';
import { FairwayError } from '../../../domain/errors.ts';
import {
  blockCount,
  type ClusterNetwork,
  clusterNetwork,
  lowestBlock,
  nodeNetwork,
  overlapsBlock,
} from './cluster-network.ts';
import type { Machine } from './machine.ts';

const linksAnswer = z.array(
  z.object({ ifname: z.string(), addr_info: z.array(z.object({ local: z.string().optional(), prefixlen: z.int() })) }),
);
const routesAnswer = z.array(z.object({ dst: z.string() }));

/**
 * Joins the control plane's machine to the host by the veth pair `link` and returns the network. The address at the host's
 * end is the claim on the block, so the caller must hold the lock that all clusters of the machine share.
 */
export async function joinToHost(
  link: string,
  controlPlane: Machine,
  wanted: number | null,
  seed: number,
): Promise<ClusterNetwork> {
  const network = clusterNetwork((await claimedBlock(link)) ?? (await freeBlock(wanted, seed)));
  await shell(`
    [ -e /sys/class/net/${link} ] || ip link add ${link} type veth peer name host netns ${controlPlane.init}
    ip addr replace ${network.host}/24 dev ${link}
    ip link set ${link} up
  `);
  // A bridge takes its lowest port's address unless given one, and neighbours would lose it with each node that joins.
  await shell(
    `
    [ -e /proc/sys/net/ipv4/conf/nodes ] || ip link add nodes address 02:fa:00:00:00:02 type bridge
    ip addr replace ${network.controlPlane}/24 dev nodes
    ip link set nodes up
    ip link set host master nodes up
    ip route replace default via ${network.host}
    echo 1 > /proc/sys/net/ipv4/ip_forward
  `,
    controlPlane,
  );
  return network;
}

/** Joins the nodes to the control plane's bridge and lays the routes between all of them. */
export async function joinNodes(
  network: ClusterNetwork,
  link: string,
  controlPlane: Machine,
  nodes: Machine[],
): Promise<void> {
  const joins = nodes.map(
    ({ name, init }) => `
    [ -e /proc/sys/net/ipv4/conf/${name} ] || ip link add ${name} type veth peer name eth0 netns ${init}
    ip link set ${name} master nodes up`,
  );
  await shell([...joins, ...podRoutes(network, nodes)].join('\n'), controlPlane);
  await Promise.all(nodes.map((node, position) => configureNode(network, node, position + 1, nodes)));
  // Any node does: kube-proxy masquerades what comes from outside the pods.
  await shell(`
    ip route replace ${network.pods} via ${network.controlPlane} dev ${link}
    ip route replace ${network.services} via ${nodeNetwork(network, 1).address} dev ${link}
  `);
}

async function configureNode(network: ClusterNetwork, node: Machine, index: number, nodes: Machine[]): Promise<void> {
  await shell(
    [
      `ip addr replace ${nodeNetwork(network, index).address}/24 dev eth0`,
      'ip link set eth0 up',
      `ip route replace default via ${network.host}`,
      'echo 1 > /proc/sys/net/ipv4/ip_forward',
      ...podRoutes(network, nodes, index),
    ].join('\n'),
    node,
  );
}

function podRoutes(network: ClusterNetwork, nodes: Machine[], except = 0): string[] {
  return nodes
    .map((_, position) => position + 1)
    .filter((index) => index !== except)
    .map((index) => nodeNetwork(network, index))
    .map(({ pods, address }) => `ip route replace ${pods} via ${address}`);
}

async function claimedBlock(link: string): Promise<number | undefined> {
  const claim = (await hostAddresses()).find(({ ifname }) => ifname === link)?.addresses[0];
  return claim === undefined ? undefined : Number(claim.split('.')[1]);
}

/** The block that a cluster had before must be had again: its certificates and services carry the addresses. */
async function freeBlock(wanted: number | null, seed: number): Promise<number> {
  const addresses = (await hostAddresses()).flatMap((entry) => entry.addresses);
  const { stdout } = await execa('ip', ['-j', '-4', 'route', 'show', 'table', 'all']);
  const taken = [...addresses, ...routesAnswer.parse(JSON.parse(stdout)).map(({ dst }) => dst)];
  const isFree = (block: number) => !taken.some((destination) => overlapsBlock(destination, block));
  if (wanted !== null) {
    if (isFree(wanted)) return wanted;
    throw new FairwayError(
      'conflict',
      `The network ${clusterNetwork(wanted).range} that the cluster was made with is now used by something else on this ` +
        'machine (see `ip route`). Free it, or delete the cluster and make it again.',
    );
  }
  for (let step = 0; step < blockCount; step += 1) {
    const block = lowestBlock + ((seed + step) % blockCount);
    if (isFree(block)) return block;
  }
  const last = clusterNetwork(lowestBlock + blockCount - 1).range;
  throw new FairwayError(
    'unavailable',
    `No network is free for a cluster: all from ${clusterNetwork(lowestBlock).range} to ${last} are in use on this ` +
      'machine (see `ip route`). Delete a cluster.',
  );
}

async function hostAddresses(): Promise<{ ifname: string; addresses: string[] }[]> {
  const { stdout } = await execa('ip', ['-j', '-4', 'addr']);
  return linksAnswer.parse(JSON.parse(stdout)).map(({ ifname, addr_info }) => ({
    ifname,
    addresses: addr_info.map(({ local = '', prefixlen }) => `${local}/${prefixlen}`),
  }));
}

/** Runs lines of shell on the host, or with the network of a machine; repeatable ones only. */
async function shell(script: string, machine?: Machine): Promise<void> {
  const prefix = machine === undefined ? [] : ['nsenter', '-t', String(machine.init), '--net', '--'];
  const [file = '', ...args] = [...prefix, 'sh', '-ec', script];
  await execa(file, args);
}
