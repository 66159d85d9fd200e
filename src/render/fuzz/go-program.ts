import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { execa } from 'execa';

const buildDeadline = 180_000;
const answerDeadline = 30_000;

/** Why there is no program: a sentence for whoever sees the tests skipped. */
export interface Unavailable {
  readonly unavailable: string;
}

/** A Go program of ours that answers each line of JSON with one. */
export class GoProgram {
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

  /** Builds and starts the program whose go.mod is in the folder, unless Go or one of its modules can't be had. */
  static async start(source: string): Promise<GoProgram | Unavailable> {
    const go = await findGo();
    if (go === undefined)
      return { unavailable: 'no Go toolchain here: nothing is compared with Go; install Go to have it' };
    const options = { cwd: source, timeout: buildDeadline, env: { GOFLAGS: '-mod=mod', GOWORK: 'off' } };
    const download = await execa(go, ['mod', 'download'], { ...options, reject: false });
    if (download.exitCode !== 0) {
      const [reason = ''] = download.stderr.trim().split('\n').slice(-1);
      return { unavailable: `the Go modules to compare with can't be had, nothing is compared with them: ${reason}` };
    }
    const folder = await mkdtemp(join(tmpdir(), 'fairway-fuzz-'));
    const binary = join(folder, 'reference');
    await execa(go, ['build', '-o', binary, '.'], options);
    return new GoProgram(spawn(binary), folder);
  }

  /** An answer to each request, in order; undefined for the one it died of, and those after. */
  async ask(requests: readonly unknown[]): Promise<unknown[]> {
    this.#process.stdin.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
    const answers: unknown[] = [];
    for (const _ of requests) {
      const line = await this.#line();
      answers.push(line.done === true ? undefined : JSON.parse(line.value));
    }
    return answers;
  }

  async #line(): Promise<IteratorResult<string>> {
    // What takes longer than any answer should, takes for ever.
    const deadline = setTimeout(() => this.#process.kill('SIGKILL'), answerDeadline);
    try {
      return await this.#lines.next();
    } finally {
      clearTimeout(deadline);
    }
  }

  async stop(): Promise<void> {
    this.#process.stdin.end();
    this.#process.kill();
    this.#reader.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function findGo(): Promise<string | undefined> {
  for (const go of ['go', '/usr/local/go/bin/go']) {
    const found = await execa(go, ['version'], { reject: false, timeout: 20_000 });
    if (found.exitCode === 0) return go;
  }
  return undefined;
}
