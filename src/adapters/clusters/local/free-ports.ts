import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below those that systems hand out by themselves (Linux from 32768, others from 49152): what must be free a moment later, and again
 * when a program is started anew, would otherwise be taken by anyone's outgoing connection.
 */
const [lowest, above] = [10_000, 30_000];

/** Three loopback ports that nobody listens on now. */
export async function freePorts(): Promise<{ api: number; etcd: number; etcdPeer: number }> {
  const found = new Set<number>();
  while (found.size < 3) found.add(await freeRun(1));
  const [api = 0, etcd = 0, etcdPeer = 0] = found;
  return { api, etcd, etcdPeer };
}

/** The first of so many loopback ports in a row that nobody listens on now. */
export async function freeRun(count: number): Promise<number> {
  for (;;) {
    const first = randomInt(lowest, above);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every((free) => free)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
