/** As much of the load generator as is used here; it comes without types. */
declare module 'autocannon' {
  interface Request {
    headers: Record<string, string>;
    body: Buffer;
  }

  interface Options {
    url: string;
    method: 'POST';
    connections: number;
    /** In seconds. */
    duration: number;
    requests: { setupRequest(request: Request): Request }[];
  }

  interface Result {
    /** In seconds, measured. */
    duration: number;
    '2xx': number;
    non2xx: number;
    errors: number;
    latency: { p50: number; p99: number };
  }

  export default function autocannon(options: Options): Promise<Result>;
}
