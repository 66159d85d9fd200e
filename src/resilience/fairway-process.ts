import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
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
    const deadline = AbortSignal.timeout(patienceMs);
    const said = new Promise<{ url: string; forgeUrl: string | undefined }>((resolve, reject) => {
      const found: { url?: string; forgeUrl?: string } = {};
      const take = (line: string): void => {
        output.push(line);
        if (output.length > 400) output.shift();
        found.url ??= /^Fairway listens on (\S+);/.exec(line)?.[1] ?? undefined;
        found.forgeUrl ??= /git clone (http\S+?)\/[\w.-]+\/[\w.-]+\.git/.exec(line)?.[1] ?? undefined;
        const { url } = found;
        if (url === undefined) return;
        if (found.forgeUrl !== undefined || settings.FAIRWAY_FORGE_TOKEN !== undefined)
          resolve({ url, forgeUrl: found.forgeUrl });
      };
      createInterface({ input: child.stdout }).on('line', take);
      createInterface({ input: child.stderr }).on('line', take);
      const fail = (why: string) => reject(new Error(`fairway up ${why}:\n${output.slice(-20).join('\n')}`));
      child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`));
      deadline.addEventListener('abort', () => fail('did not come up'), { once: true });
    });
    try {
      const { url, forgeUrl } = await said;
      return new FairwayProcess(child, output, url, forgeUrl);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
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
