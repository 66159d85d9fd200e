import type { SandboxState } from '../../ports/sandbox.ts';
import { openSandbox, type SandboxOptions } from '../sandbox/open-sandbox.ts';
import type { ToolConfinement } from './run-tool.ts';

/** Whether tools may run where there is no sandbox; `setting` is what an administrator sets for it. */
export type UnsandboxedTools = { tools: 'allowed' } | { tools: 'refused'; setting: string };

// What was lacking may have been installed, or a busy machine may have been too slow.
const lookAgainMs = 300_000;

/** How tools are confined on this machine, found out when the first is to run. */
export class KnownConfinement {
  readonly #options: Omit<SandboxOptions, 'signal'> & { unsandboxed: UnsandboxedTools };
  #known: { state: SandboxState; until: number } | undefined;

  constructor(options: Omit<SandboxOptions, 'signal'> & { unsandboxed: UnsandboxedTools }) {
    this.#options = options;
  }

  async get(signal: AbortSignal): Promise<ToolConfinement | { confinement: 'refused'; why: string }> {
    const { unsandboxed, ...options } = this.#options;
    if (this.#known === undefined || Date.now() > this.#known.until) {
      const state = await openSandbox({ ...options, signal });
      this.#known = { state, until: state.sandbox === 'here' ? Number.POSITIVE_INFINITY : Date.now() + lookAgainMs };
    }
    const { state } = this.#known;
    if (state.sandbox === 'here') return { confinement: 'sandbox', confine: state.confine };
    if (unsandboxed.tools === 'allowed') return { confinement: 'none' };
    const risk = 'where whoever writes to the config repository may do on this machine what Fairway may';
    return {
      confinement: 'refused',
      why: `runs in a sandbox only, and ${state.why}; set ${unsandboxed.setting} ${risk}`,
    };
  }
}
