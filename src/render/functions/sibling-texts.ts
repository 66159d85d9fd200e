import { posix } from 'node:path';
import type { ByteString } from '../template/byte-string.ts';
import { bytesOf, textOf } from '../template/byte-string.ts';
import { CallError } from '../template/template-error.ts';

/**
 * The texts of a component's files, each rendered once: what manifestHash hashes. As in CLM, a file that is being rendered
 * for a hash may not ask for another hash.
 */
export class SiblingTexts {
  readonly #files: ReadonlySet<string>;
  readonly #render: (file: string, siblingText: (path: ByteString) => ByteString) => ByteString;
  readonly #texts = new Map<string, ByteString>();
  #hashing = false;

  /** `files`: the component's template names; `render` renders one, with the function to put into its FunctionContext. */
  constructor(
    files: ReadonlySet<string>,
    render: (file: string, siblingText: (path: ByteString) => ByteString) => ByteString,
  ) {
    this.#files = files;
    this.#render = render;
  }

  /** The rendered text of one of the component's files; throws what rendering it throws. */
  text(file: string): ByteString {
    const known = this.#texts.get(file);
    if (known !== undefined) return known;
    if (!this.#files.has(file)) throw new CallError(bytesOf(`template file not found: ${file}`));
    const text = this.#render(file, (path) => this.#siblingText(file, textOf(path)));
    this.#texts.set(file, text);
    return text;
  }

  #siblingText(file: string, path: string): ByteString {
    if (this.#hashing) throw new CallError('manifestHash is not reentrant');
    this.#hashing = true;
    try {
      return this.text(posix.join(posix.dirname(file), path).replace(/(?<=.)\/$/, ''));
    } finally {
      this.#hashing = false;
    }
  }
}
