import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';

export interface ReceivedDelivery {
  event: string;
  guid: string;
  signature: string;
  raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of every kind.
  payload: any;
}

const PATIENCE_MS = 20_000;

/** A webhook receiver that keeps what it gets and answers what the test tells it to. */
export class WebhookReceiver {
  readonly received: ReceivedDelivery[] = [];
  /** The status codes of the next answers; 200 when there are none. */
  readonly answers: number[] = [];
  /** Takes deliveries and never answers. */
  silent = false;
  url = '';
  #waiting: (() => void)[] = [];

  static async start(test: Test): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    const server = createServer(async (request, response) => {
      const raw = await text(request);
      const header = (name: string) => String(request.headers[name] ?? '');
      receiver.received.push({
        event: header('x-github-event'),
        guid: header('x-github-delivery'),
        signature: header('x-hub-signature-256'),
        raw,
        payload: JSON.parse(raw),
      });
      if (!receiver.silent) response.writeHead(receiver.answers.shift() ?? 200).end('noted');
      for (const look of receiver.#waiting.splice(0)) look();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    test.teardown(() => new Promise((resolve) => server.closeAllConnections() ?? server.close(resolve)));
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    return receiver;
  }

  /** The first `count` deliveries of `event` (and action), as soon as they are there. */
  async wait(
    event: string,
    { action, count = 1 }: { action?: string; count?: number } = {},
  ): Promise<ReceivedDelivery[]> {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const found = this.received.filter(
        (delivery) => delivery.event === event && (!action || delivery.payload.action === action),
      );
      if (found.length >= count) return found;
      await new Promise<void>((resolve, reject) => {
        const names = this.received.map((delivery) => `${delivery.event} ${delivery.payload.action ?? ''}`).join(', ');
        deadline.addEventListener(
          'abort',
          () => reject(new Error(`no ${count} × ${event} ${action ?? ''}; received: ${names}`)),
          { once: true },
        );
        this.#waiting.push(resolve);
      });
    }
  }
}
