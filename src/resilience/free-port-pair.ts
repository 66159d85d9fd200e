import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port that is free now, and so is the one after it, on which the embedded forge listens. Both are below those that the system
 * hands out by itself: otherwise a cluster that is made before Fairway starts may get one of them.
 */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 32_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
