import { once } from 'node:events';
import { createServer } from 'node:net';

/** Three loopback ports that nobody listens on now, told apart by holding all of them at once. */
export async function freePorts(): Promise<{ api: number; etcd: number; etcdPeer: number }> {
  const servers = [createServer(), createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
      return address.port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  const [api = 0, etcd = 0, etcdPeer = 0] = ports;
  return { api, etcd, etcdPeer };
}
