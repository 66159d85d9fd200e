import { FairwayError, messageOf } from '../domain/errors.ts';
import type { ClusterFacts } from '../ports/cluster-facts.ts';
import { clmFunctions, type FunctionContext } from './functions/clm-functions.ts';
import { SiblingTexts } from './functions/sibling-texts.ts';
import type { RefusalList } from './refusal-list.ts';
import type { SourceFile } from './source-reader.ts';
import type { ByteString } from './template/byte-string.ts';
import type { Struct, Value } from './template/go-value.ts';
import { executeTemplate } from './template/template.ts';
import type { TemplateCache } from './template/template-cache.ts';
import { CallError } from './template/template-error.ts';

/** A file of a source with the template's name and the place of its output. */
export interface TemplateFile {
  /** `<source>/<path>`. */
  name: string;
  file: SourceFile;
  output: string;
}

const maxImages = 1000;

/** Renders one cluster's files; what can't be rendered is put on the list of refusals. */
export class FileRenderer {
  readonly #templates: TemplateCache;
  readonly #facts: ClusterFacts;
  readonly #refusals: RefusalList;
  readonly #signal: AbortSignal;
  readonly #images = new Map<string, { id: string } | { failure: string }>();
  #wanted: { name: string; owner: string } | undefined;

  constructor(options: {
    templates: TemplateCache;
    facts: ClusterFacts;
    refusals: RefusalList;
    signal: AbortSignal;
  }) {
    this.#templates = options.templates;
    this.#facts = options.facts;
    this.#refusals = options.refusals;
    this.#signal = options.signal;
  }

  /** The output, or undefined when the file was refused. */
  async render(
    template: TemplateFile,
    dot: Value,
    instanceTypes: ReadonlyMap<string, Struct> | undefined,
  ): Promise<ByteString | undefined> {
    const [output] = await this.renderSiblings([template], dot, instanceTypes);
    return output;
  }

  /** Files that may ask for each other's hash, in order; undefined for those that were refused. */
  async renderSiblings(
    templates: readonly TemplateFile[],
    dot: Value,
    instanceTypes: ReadonlyMap<string, Struct> | undefined,
  ): Promise<(ByteString | undefined)[]> {
    const byName = new Map(templates.map((template) => [template.name, template.file]));
    const texts = new SiblingTexts(new Set(byName.keys()), (name, siblingText) => {
      const file = byName.get(name);
      if (file === undefined || !('bytes' in file)) throw new CallError(`template file not found: ${name}`);
      const functions = clmFunctions(this.#context(instanceTypes, siblingText));
      return executeTemplate(this.#templates.parse(name, file.bytes), dot, functions);
    });
    const outputs: (ByteString | undefined)[] = [];
    for (const template of templates) outputs.push(await this.#renderOne(template, texts));
    return outputs;
  }

  async #renderOne(template: TemplateFile, texts: SiblingTexts): Promise<ByteString | undefined> {
    const { file, output, name } = template;
    if (!('bytes' in file)) {
      this.#refusals.addFile(file.path, output, file.refused);
      return undefined;
    }
    for (;;) {
      this.#signal.throwIfAborted();
      try {
        return texts.text(name);
      } catch (error) {
        if (await this.#learnImage()) continue;
        this.#refusals.add({ file: file.path, output, source: file.bytes }, error);
        return undefined;
      }
    }
  }

  #context(
    instanceTypes: ReadonlyMap<string, Struct> | undefined,
    siblingText: FunctionContext['siblingText'],
  ): FunctionContext {
    return {
      instanceTypes,
      siblingText,
      imageId: (name, owner) => {
        const image = this.#images.get(imageKey(name, owner));
        if (image === undefined) {
          this.#wanted = { name, owner };
          throw new CallError(`image ${name} of ${owner} is not known yet`);
        }
        if ('failure' in image) throw new CallError(image.failure);
        return image.id;
      },
    };
  }

  /** Templates can't wait: an image they need is asked for when they have failed for it, then they are executed again. */
  async #learnImage(): Promise<boolean> {
    const wanted = this.#wanted;
    if (wanted === undefined || this.#images.size >= maxImages) return false;
    this.#wanted = undefined;
    const key = imageKey(wanted.name, wanted.owner);
    try {
      this.#images.set(key, { id: await this.#facts.imageId(wanted.name, wanted.owner) });
    } catch (error) {
      if (!(error instanceof FairwayError) || error.kind === 'unavailable') throw error;
      this.#images.set(key, { failure: messageOf(error) });
    }
    return true;
  }
}

function imageKey(name: string, owner: string): string {
  return `${owner}\n${name}`;
}
