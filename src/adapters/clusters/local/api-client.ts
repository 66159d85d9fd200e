import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import type { Json } from '../../../domain/json.ts';

export interface ApiAnswer {
  /** 0 when nobody answered. */
  status: number;
  text: string;
}

/** Administrator's plain requests to a cluster's API server; enough to see it get ready before any client library fits. */
export class ApiClient {
  readonly #server: string;
  readonly #pki: string;

  constructor(server: string, pki: string) {
    this.#server = server;
    this.#pki = pki;
  }

  /** `timeout` is in milliseconds. */
  async call(method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, body?: Json, timeout = 5000): Promise<ApiAnswer> {
    const file = (name: string) => readFile(join(this.#pki, name));
    const [ca, cert, key] = await Promise.all([file('ca.crt'), file('admin.crt'), file('admin.key')]);
    return new Promise((resolve) => {
      const unanswered = (error: Error) => resolve({ status: 0, text: error.message });
      const outgoing = request(
        new URL(path, this.#server),
        { method, ca, cert, key, agent: false, headers: { 'content-type': 'application/json' }, timeout },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('error', unanswered);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeout} ms`)));
      outgoing.on('error', unanswered);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
