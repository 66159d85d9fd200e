import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/fairway.js', import.meta.url));
const patienceMs = 90_000;

/** `fairway up` as a process of its own, as a user would start it, so that it can be killed. */
export class FairwayProcess {
  /** Where it listens. */
  readonly url: string;
  /** Of the embedded forge; undefined where another one is configured. */
  readonly forgeUrl: string | undefined;
  /** The last lines it wrote. */
  readonly output: string[];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, output: string[], url: string, forgeUrl: string | undefined) {
    this.#child = child;
    this.output = output;
    this.url = url;
    this.forgeUrl = forgeUrl;
  }

  /** Resolves when it says that all of it is up. */
  static async start(state: string, settings: Record<string, string>): Promise<FairwayProcess> {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [program, 'up', '--state', state], {
      env: { PATH, HOME, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line);
        if (output.length > 2_000) output.shift();
      });
    for (const deadline = Date.now() + patienceMs; ; await sleep(20)) {
      const url = found(output, /^Fairway is at (\S+): /);
      const forgeUrl = found(output, /^ {2}git clone (http\S+?)\/[\w.-]+\/[\w.-]+\.git/);
      const isUp = url !== undefined && (forgeUrl !== undefined || settings.FAIRWAY_FORGE_TOKEN !== undefined);
      if (isUp) return new FairwayProcess(child, output, url, forgeUrl);
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (!ended && Date.now() < deadline) continue;
      child.kill('SIGKILL');
      throw new Error(`fairway up ${ended ? 'ended' : 'did not come up'}:\n${output.slice(-20).join('\n')}`);
    }
  }

  /** As a machine that loses its power would end it; what it started in the background stays. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** In order, as Ctrl-C would. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill(signal);
    await gone;
  }
}

function found(lines: string[], pattern: RegExp): string | undefined {
  return lines.map((line) => pattern.exec(line)?.[1]).find((text) => text !== undefined);
}
