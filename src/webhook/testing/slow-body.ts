import { connect, type Socket } from 'node:net';
import type { Test } from 'tap';

export interface SlowDelivery {
  /** Sends more of the body; false when the server has closed the connection, with or without an answer. */
  send(bytes: Buffer): Promise<boolean>;
  /** All that the server said. */
  readonly answer: Promise<string>;
}

/** Begins a delivery on a connection of its own: its headers, and no more until told so. */
export function beginDelivery(t: Test, url: string, headers: Record<string, string>): SlowDelivery {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  t.teardown(() => void socket.destroy());
  const lines = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`POST ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const answer = everythingFrom(socket);
  return {
    answer,
    // A write that the server no longer takes ends with an error when it closes.
    send: (bytes) => new Promise((resolve) => socket.write(bytes, (error) => resolve(!error))),
  };
}

async function everythingFrom(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += chunk));
  // Who is refused in the middle of a body may see only the end of the connection.
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}
