import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import t from 'tap';
import { freePorts, freeRun } from './free-ports.ts';

async function hold(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  t.teardown(() => server.close());
  return server;
}

t.test('ports are free, different, and none that the system hands out by itself', async (t) => {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '32768 60999');
  const from = Number(range.split(/\s+/)[0]);
  for (let n = 0; n < 20; n++) {
    const ports = Object.values(await freePorts());
    t.equal(new Set(ports).size, 3);
    for (const port of ports) {
      t.ok(port < from, `${port} is below ${from}`);
      await hold(port);
    }
  }
});

t.test('ports in a row are all free', async () => {
  const first = await freeRun(3);
  for (const port of [first, first + 1, first + 2]) await hold(port);
});
