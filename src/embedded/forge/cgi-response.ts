export interface CgiResponse {
  status: number;
  headers: Record<string, string>;
  body: AsyncIterable<Buffer>;
}

const LONGEST_HEAD = 64 * 1024;

/** Reads the header block of a CGI program's output; `body` is what follows, still streaming. */
export async function readCgiHead(output: AsyncIterable<Buffer>): Promise<CgiResponse> {
  const chunks = output[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  for (;;) {
    const end = /\r?\n\r?\n/.exec(read.toString('latin1'));
    if (end) {
      const first = read.subarray(end.index + end[0].length);
      return { ...parseHead(read.subarray(0, end.index).toString('latin1')), body: rest(first, chunks) };
    }
    const next = await chunks.next();
    if (next.done || read.length > LONGEST_HEAD) throw new Error('git http-backend ended before it had answered');
    read = Buffer.concat([read, next.value]);
  }
}

function parseHead(head: string): Pick<CgiResponse, 'status' | 'headers'> {
  const pairs = head.split(/\r?\n/).map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const { status = '200', ...headers } = Object.fromEntries(pairs);
  return { status: Number.parseInt(status, 10), headers };
}

async function* rest(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } finally {
    // Closes the program's output when the reader goes away, or the program would wait for ever to write.
    await chunks.return?.();
  }
}
