import type { Manifest } from '../domain/manifest.ts';
import type { RefusedFile } from './refusal.ts';
import type { ByteString } from './template/byte-string.ts';

/** What a file of the repository rendered to for one cluster; of what a tool made, the source is ''. */
export interface RenderedText extends RefusedFile {
  rendered: ByteString;
}

/** All texts of one cluster's render, to say where in the repository something stands. */
export class RenderedTexts {
  readonly all: RenderedText[] = [];
  readonly #byPlace = new Map<string, RenderedText>();

  add(text: RenderedText): void {
    this.all.push(text);
    this.#byPlace.set(keyOf(folderOf(text.output), text.file), text);
  }

  /** The text that a component's object was read from. */
  of(component: string, { file }: Manifest): RenderedText {
    const path = `cluster/${file}`;
    const output = `manifests/${component}/rendered.yaml`;
    return this.#byPlace.get(keyOf(folderOf(output), path)) ?? { file: path, output, source: '', rendered: '' };
  }
}

function folderOf(output: string): string {
  return output.slice(0, output.lastIndexOf('/'));
}

function keyOf(folder: string, file: string): string {
  return `${folder}\n${file}`;
}
