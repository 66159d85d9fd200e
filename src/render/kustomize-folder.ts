import { posix } from 'node:path';
import type { ComponentProblem, KustomizeFolder } from './component-folder.ts';
import { kustomizationReferences, type Reference } from './kustomization-references.ts';
import type { SourceFile, SourceReader } from './source-reader.ts';
import { type ByteString, bufferOf } from './template/byte-string.ts';
import { YamlError } from './yaml/error.ts';
import { yamlTextOf } from './yaml/text.ts';

export function isKustomization(name: string): boolean {
  return name === 'kustomization.yaml' || name === 'kustomization.yml' || name === 'Kustomization';
}

/** A Kustomize folder with all files below it, and those of the folders that its kustomizations name. */
export async function kustomizeFolder(reader: SourceReader, name: string, file: string): Promise<KustomizeFolder> {
  const folder = posix.dirname(file);
  const reading = new KustomizeReading(reader);
  await reading.include(folder);
  return {
    kind: 'kustomize',
    name,
    file,
    input: { folder, files: reading.files },
    problems: reading.problems,
    usesConfigItems: Buffer.from(reading.files.get(file) ?? []).includes('config-items.yaml'),
    bases: [...reading.folders].filter((other) => other !== folder),
  };
}

class KustomizeReading {
  readonly files = new Map<string, Uint8Array>();
  readonly folders = new Set<string>();
  readonly problems: ComponentProblem[] = [];
  readonly #reader: SourceReader;

  constructor(reader: SourceReader) {
    this.#reader = reader;
  }

  async include(folder: string): Promise<void> {
    if (this.#isIncluded(folder)) return;
    this.folders.add(folder);
    const files = await this.#reader.tree(folder);
    for (const file of files) this.#add(file);
    for (const file of files) if ('bytes' in file) await this.#follow(file.path, file.bytes);
  }

  #isIncluded(path: string): boolean {
    return [...this.folders].some((folder) => path === folder || path.startsWith(`${folder}/`));
  }

  #add(file: SourceFile): void {
    if ('bytes' in file) this.files.set(file.path, bufferOf(file.bytes));
    else this.problems.push({ file: file.path, message: file.refused });
  }

  async #follow(file: string, bytes: ByteString): Promise<void> {
    // A backslash could spell `builtin` in another way.
    if (!isKustomization(posix.basename(file)) && !/builtin|\\/.test(bytes)) return;
    for (const reference of this.#references(file, bytes)) {
      const sentence = await this.#fetch(file, reference);
      if (sentence !== undefined) this.problems.push({ file, message: sentence });
    }
  }

  /** Undefined when it is there, or when Kustomize is the one to say that it isn't. */
  async #fetch(file: string, { path, kind }: Reference): Promise<string | undefined> {
    const wanted = posix.join(posix.dirname(file), path);
    const elsewhere = `"${path}" lies outside of the repository; put what it names into the repository`;
    if (kind === 'url') return elsewhere;
    if (wanted !== 'cluster' && !wanted.startsWith('cluster/'))
      return `"${path}" leads out of the folder with the desired state; put what it names into that folder`;
    if (await this.#reader.isFolder(wanted)) {
      await this.include(wanted);
      return undefined;
    }
    const found = await this.#reader.read(wanted);
    if (found !== undefined && !this.#isIncluded(wanted)) this.#add(found);
    return found === undefined && kind === 'repository' ? elsewhere : undefined;
  }

  /** Files that aren't YAML are no kustomizations, and kustomize itself says what is wrong with others. */
  #references(file: string, bytes: ByteString): Reference[] {
    try {
      return kustomizationReferences(yamlTextOf(bytes), isKustomization(posix.basename(file)));
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      if (isKustomization(posix.basename(file))) this.problems.push({ file, message: error.message });
      return [];
    }
  }
}
