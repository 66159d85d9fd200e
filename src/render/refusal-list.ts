import { FairwayError, messageOf } from '../domain/errors.ts';
import { SecretMask } from '../domain/secrets/secret-mask.ts';
import { type Refusal, type RefusedFile, refusalOf, refusalOfFile } from './refusal.ts';
import { meant } from './refusal-hint.ts';

/** Collects every refusal of a render, so that all are told at once. */
export class RefusalList {
  readonly refusals: Refusal[] = [];
  readonly #missing = new Map<string, string>();
  #mask = new SecretMask([]);
  #items: readonly string[] = [];
  #areItemsComplete = true;

  /** The cluster's config items; not all of them when defaults were refused. */
  knowItems(items: readonly string[], areComplete: boolean): void {
    this.#items = items;
    this.#areItemsComplete = areComplete;
  }

  /** From now on, these are not shown in what is told. */
  hide(secrets: readonly string[]): void {
    this.#mask = new SecretMask(secrets);
  }

  /** Files refused for this missing key are told this sentence. */
  explainMissing(key: string, sentence: string): void {
    this.#missing.set(key, sentence);
  }

  /** Throws on what is no refusal of the file. */
  add(refused: RefusedFile, error: unknown): Refusal {
    const refusal = refusalOf(refused, error);
    const key = /map has no entry for key "([^"]+)"/.exec(refusal.message)?.[1] ?? '';
    const [message, excerpt] = [this.#mask.text(refusal.message), this.#mask.text(refusal.excerpt)];
    const hint = this.#missing.get(key) ?? this.#hintForItem(refusal.message) ?? refusal.hint;
    const told = { ...refusal, message, excerpt, hint };
    this.refusals.push(told);
    return told;
  }

  #hintForItem(message: string): string | undefined {
    const item = /at <\.(?:Cluster|NodePool)\.ConfigItems\.[^>]*>: map has no entry for key "([^"]+)"/.exec(
      message,
    )?.[1];
    if (item === undefined) return undefined;
    if (!this.#areItemsComplete) return `${item} may have a default in config-defaults.yaml, which was refused`;
    return meant('config item', item, this.#items);
  }

  addFile(file: string, output: string, message: string, hint?: string): void {
    this.refusals.push(refusalOfFile(file, output, message, hint));
  }

  /** A fact that this file needs and that can't be had; what is only unavailable is thrown on. */
  addFact(file: string, output: string, error: unknown): void {
    if (!(error instanceof FairwayError) || error.kind === 'unavailable') throw error;
    this.addFile(file, output, messageOf(error));
  }
}
