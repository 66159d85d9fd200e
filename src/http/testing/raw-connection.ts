import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Test } from 'tap';

export interface RawConnection {
  readonly socket: Socket;
  write(text: string): void;
  /** Returns when it was handed to the kernel, or refused by the server. */
  send(bytes: string | Uint8Array): Promise<void>;
  /** All that the server says until it ends the connection. */
  readonly said: Promise<string>;
}

/** A connection on which a test says what no HTTP client would. */
export async function connectTo(t: Test, url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  t.teardown(() => void socket.destroy());
  let text = '';
  socket.on('data', (chunk) => (text += chunk));
  // Whoever goes on writing to a connection that was ended gets an error, which is the expected end.
  socket.on('error', () => {});
  const said = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await once(socket, 'connect');
  return {
    socket,
    said,
    write: (more) => void (socket.destroyed || socket.write(more)),
    send: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
  };
}

/** Writes a piece at a time until the server has ended the connection. */
export async function trickle(connection: RawConnection, piece: string): Promise<string> {
  const dripping = setInterval(() => connection.write(piece), 20);
  try {
    return await connection.said;
  } finally {
    clearInterval(dripping);
  }
}
