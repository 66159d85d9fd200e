import { createHash } from 'node:crypto';

const digest = (text: string, length: number) => createHash('sha256').update(text).digest('hex').slice(0, length);

/** Start of the names of all links and cgroups that clusters of this state folder have on the machine. */
export function statePrefix(stateDirectory: string): string {
  return `fw${digest(stateDirectory, 4)}`;
}

/** Name of a cluster's link on the host and of its cgroup: twelve characters, as links can have fifteen. */
export function clusterId(stateDirectory: string, name: string): string {
  return `${statePrefix(stateDirectory)}${digest(name, 6)}`;
}

/** Whether a link or cgroup has a name that some cluster of Fairway would give it. */
export function isClusterId(name: string): boolean {
  return /^fw[0-9a-f]{10}$/.test(name);
}

/** A number that spreads clusters over the networks to choose from. */
export function seedOf(id: string): number {
  return Number.parseInt(digest(id, 8), 16);
}
