import type { Manifest } from '../../domain/manifest.ts';
import { type ReadManifest, readWithNodes } from '../read-manifests.ts';
import type { RenderedText } from '../rendered-texts.ts';
import { dereference, placeOf, type YamlNode } from '../yaml/node.ts';
import { yamlTextOf } from '../yaml/text.ts';
import { resolveScalar } from '../yaml/value.ts';
import type { FieldPath } from './finding.ts';

interface Place {
  line: number;
  column: number;
}

/** Where the fields of objects stand in the rendered texts. A text is read anew when it is first asked for. */
export class FieldPlaces {
  readonly #read = new Map<RenderedText, { text: string; manifests: ReadManifest[] }>();

  /** The place of a field's name; of the nearest field around it, where it comes from a merged mapping. */
  placeOf(source: RenderedText, manifest: Manifest, path: FieldPath): Place {
    const { text, manifests } = this.#readText(source);
    const found = manifests.find(({ object, line }) => {
      const { kind, metadata } = manifest.object;
      return line === manifest.line && object.kind === kind && object.metadata.name === metadata.name;
    });
    return found === undefined
      ? { line: manifest.line, column: 1 }
      : placeOf(text, nodeAt(text, found.node, path) ?? found.node);
  }

  #readText(source: RenderedText): { text: string; manifests: ReadManifest[] } {
    const known = this.#read.get(source);
    if (known !== undefined) return known;
    const text = yamlTextOf(source.rendered);
    const read = { text, manifests: readWithNodes(source.file, text, 'lists taken apart') };
    this.#read.set(source, read);
    return read;
  }
}

/** Undefined where not even the first step is there. */
function nodeAt(text: string, root: YamlNode, path: FieldPath): YamlNode | undefined {
  let node: YamlNode = root;
  let nearest: YamlNode | undefined;
  for (const step of path) {
    const found = typeof step === 'number' ? itemAt(node, step) : fieldAt(text, node, step);
    if (found === undefined) return nearest;
    nearest = found.shown;
    node = found.value;
  }
  return nearest;
}

interface Step {
  shown: YamlNode;
  value: YamlNode;
}

function itemAt(node: YamlNode, index: number): Step | undefined {
  const list = dereference(node);
  const value = list.kind === 'sequence' ? list.items[index] : undefined;
  return value && { shown: value, value };
}

function fieldAt(text: string, node: YamlNode, name: string): Step | undefined {
  const mapping = dereference(node);
  if (mapping.kind !== 'mapping') return undefined;
  const { items } = mapping;
  const index = items.findLastIndex((item, at) => {
    const key = at % 2 === 0 ? dereference(item) : undefined;
    return key?.kind === 'scalar' && String(resolveScalar(text, key).value) === name;
  });
  const [shown, value] = [items[index], items[index + 1]];
  return index === -1 || shown === undefined || value === undefined ? undefined : { shown, value };
}
