/**
 * The addresses of one cluster: a /16 of 10.0.0.0/8, told apart by its second byte.
 *
 *     10.K.0.1       the host's end of the veth    10.K.16.0/20   services (.1 API server, .10 DNS)
 *     10.K.0.2       the control plane             10.K.128.0/17  pods, a /24 per node
 *     10.K.0.11…     the nodes
 */
export interface ClusterNetwork {
  /** K, the second byte. */
  block: number;
  range: string;
  host: string;
  controlPlane: string;
  services: string;
  apiService: string;
  dnsService: string;
  pods: string;
}

export interface NodeNetwork {
  address: string;
  pods: string;
  podGateway: string;
}

export const lowestBlock = 64;
export const blockCount = 128;

export function clusterNetwork(block: number): ClusterNetwork {
  const net = `10.${block}`;
  return {
    block,
    range: `${net}.0.0/16`,
    host: `${net}.0.1`,
    controlPlane: `${net}.0.2`,
    services: `${net}.16.0/20`,
    apiService: `${net}.16.1`,
    dnsService: `${net}.16.10`,
    pods: `${net}.128.0/17`,
  };
}

/** `index` counts from 1. */
export function nodeNetwork({ block }: ClusterNetwork, index: number): NodeNetwork {
  return {
    address: `10.${block}.0.${10 + index}`,
    pods: `10.${block}.${128 + index}.0/24`,
    podGateway: `10.${block}.${128 + index}.1`,
  };
}

/** Whether an address or route like `10.70.0.0/16` or `10.70.3.1` lies within the block, or the block within a small one. */
export function overlapsBlock(destination: string, block: number): boolean {
  const [address = '', length = '32'] = destination.split('/');
  const [first, second] = address.split('.').map(Number);
  if (first !== 10 || second === undefined) return false;
  // A route as wide as 10.0.0.0/8 is some organisation's default: the cluster's own, narrower one wins beside it.
  if (Number(length) < 12) return false;
  const span = 2 ** Math.max(0, 16 - Number(length));
  return Math.floor(block / span) === Math.floor(second / span);
}
