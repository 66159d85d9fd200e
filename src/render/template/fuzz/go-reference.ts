import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { type ByteString, bufferOf, bytesOfBuffer } from '../byte-string.ts';
import type { TypedValue } from './typed-value.ts';

const answer = z.object({ output: z.string().optional(), error: z.string().optional() });
const buildDeadline = 180_000;

/** What Go made of a template. */
export type Rendered = { readonly output: ByteString } | { readonly error: ByteString };

/** Go's own text/template, as a process that answers line by line. */
export class GoReference {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #folder: string;

  constructor(process: ChildProcessWithoutNullStreams, folder: string) {
    this.#process = process;
    this.#folder = folder;
    this.#reader = createInterface({ input: process.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Builds and starts it; undefined if there is no Go on this machine. */
  static async start(): Promise<GoReference | undefined> {
    const go = await findGo();
    if (go === undefined) return undefined;
    const folder = await mkdtemp(join(tmpdir(), 'fairway-fuzz-'));
    const binary = join(folder, 'reference');
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    await execa(go, ['build', '-o', binary, '.'], {
      cwd,
      timeout: buildDeadline,
      env: { GOFLAGS: '-mod=mod', GOWORK: 'off' },
    });
    return new GoReference(spawn(binary), folder);
  }

  /** What Go makes of each, in order. */
  async render(cases: readonly { readonly template: ByteString; readonly dot: TypedValue }[]): Promise<Rendered[]> {
    const requests = cases.map(({ template, dot }) => ({ template: bufferOf(template).toString('base64'), dot }));
    this.#process.stdin.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
    const rendered: Rendered[] = [];
    for (const { template } of cases) {
      const line = await this.#lines.next();
      if (line.done === true) throw new Error(`Go's text/template died of ${JSON.stringify(template)}`);
      const { output, error } = answer.parse(JSON.parse(line.value));
      rendered.push(error === undefined ? { output: decode(output ?? '') } : { error: decode(error) });
    }
    return rendered;
  }

  async stop(): Promise<void> {
    this.#process.stdin.end();
    this.#process.kill();
    this.#reader.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function decode(base64: string): ByteString {
  return bytesOfBuffer(Buffer.from(base64, 'base64'));
}

async function findGo(): Promise<string | undefined> {
  for (const go of ['go', '/usr/local/go/bin/go']) {
    const found = await execa(go, ['version'], { reject: false, timeout: 20_000 });
    if (found.exitCode === 0) return go;
  }
  return undefined;
}
