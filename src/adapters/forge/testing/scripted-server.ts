import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

interface ScriptedAnswer {
  status: number;
  body?: object;
  headers?: Record<string, string>;
}

/** Gets the request and how often the very same one has come before. */
type Script = (request: string, count: number) => ScriptedAnswer | 'silence' | 'hang up';

/** What a forge does that ours never would: the answers come from the test's script, and `'silence'` is none at all. */
export class ScriptedServer {
  /** `GET /repos/…`, in the order they came. */
  readonly requests: string[] = [];
  readonly authorizations: string[] = [];
  url = '';
  close: () => Promise<void> = async () => undefined;
  readonly #script: Script;

  private constructor(script: Script) {
    this.#script = script;
  }

  static async start(test: Test, script: Script): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(script);
    const server = createServer((request, response) => scripted.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scripted.close = async () => {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    };
    test.teardown(() => scripted.close());
    scripted.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return scripted;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const line = `${request.method} ${request.url?.split('?')[0]}`;
    const count = this.requests.filter((earlier) => earlier === line).length;
    this.requests.push(line);
    this.authorizations.push(request.headers.authorization ?? '');
    const answer = this.#script(line, count);
    if (answer === 'silence') return;
    if (answer === 'hang up') {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify(answer.body ?? {}));
  }
}
