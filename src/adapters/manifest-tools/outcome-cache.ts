import { createHash } from 'node:crypto';
import type { ToolOutcome } from '../../ports/manifest-tools.ts';

const maxLength = 64 * 1024 * 1024;

/** What a tool made of an input, by all of the input's content. The longest unused are forgotten beyond 64 Mi characters. */
export class OutcomeCache {
  readonly #known = new Map<string, ToolOutcome>();
  #length = 0;

  async get(
    question: readonly string[],
    files: ReadonlyMap<string, Uint8Array>,
    ask: () => Promise<ToolOutcome>,
  ): Promise<ToolOutcome> {
    const key = digestOf(question, files);
    const known = this.#known.get(key);
    this.#known.delete(key);
    const outcome = known ?? (await ask());
    // Two may have asked at once.
    if (known === undefined && !this.#known.has(key)) this.#length += lengthOf(outcome);
    this.#known.set(key, outcome);
    this.#forget();
    return outcome;
  }

  #forget(): void {
    for (const [key, outcome] of this.#known) {
      if (this.#length <= maxLength) return;
      this.#known.delete(key);
      this.#length -= lengthOf(outcome);
    }
  }
}

function lengthOf(outcome: ToolOutcome): number {
  return outcome.outcome === 'rendered' ? outcome.text.length : outcome.message.length;
}

function digestOf(question: readonly string[], files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256').update(JSON.stringify(question));
  for (const path of [...files.keys()].sort()) {
    const bytes = files.get(path) ?? new Uint8Array();
    hash.update(JSON.stringify([path, bytes.length])).update(bytes);
  }
  return hash.digest('hex');
}
