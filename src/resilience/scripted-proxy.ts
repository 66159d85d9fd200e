import { createServer, request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Test } from 'tap';

export interface ProxiedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface ProxiedAnswer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

/** `pass` sends the request on; `silence` is no answer at all. */
export type ProxyScript = (
  request: ProxiedRequest,
  pass: () => Promise<ProxiedAnswer>,
) => Promise<ProxiedAnswer | 'silence'>;

/** Stands between two real parts and does to their messages what the test's script says. */
export async function startScriptedProxy(t: Test, target: () => string, script: ProxyScript): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const request = { method, path, headers, body: await buffer(incoming) };
    try {
      const answer = await script(request, () => send(target(), request));
      if (answer !== 'silence') outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      outgoing.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise((resolve) => server.closeAllConnections() ?? server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function answer(status: number, body: object = {}, headers: OutgoingHttpHeaders = {}): ProxiedAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function send(target: string, { method, path, headers, body }: ProxiedRequest): Promise<ProxiedAnswer> {
  const { 'transfer-encoding': _chunked, connection: _connection, ...kept } = headers;
  const own = body.length > 0 ? { ...kept, 'content-length': String(body.length) } : kept;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(new URL(path, target), { method, headers: own }, async (response) => {
      const { 'transfer-encoding': _parts, connection: _end, ...rest } = response.headers;
      resolve({ status: response.statusCode ?? 502, headers: rest, body: await buffer(response) });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
