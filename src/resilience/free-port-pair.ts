import { createServer } from 'node:net';

/** A port that is free now, and so is the one after it, on which the embedded forge listens. */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const port = await free(0);
    if (port !== undefined && (await free(port + 1)) !== undefined) return port;
  }
}

async function free(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const found = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(found));
    });
  });
}
