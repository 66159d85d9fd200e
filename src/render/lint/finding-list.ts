import type { Manifest } from '../../domain/manifest.ts';
import type { RefusedFile } from '../refusal.ts';
import { RefusalList } from '../refusal-list.ts';
import type { RenderedText } from '../rendered-texts.ts';
import { YamlError } from '../yaml/error.ts';
import { placeOf } from '../yaml/node.ts';
import { parseYaml } from '../yaml/parser.ts';
import { yamlTextOf } from '../yaml/text.ts';
import { duplicateKeys } from './duplicate-keys.ts';
import { FieldPlaces } from './field-places.ts';
import type { Finding, ObjectFault } from './finding.ts';

/** Collects what lint finds, with places and without secrets. */
export class FindingList {
  readonly findings: Finding[] = [];
  readonly #refusals = new RefusalList();
  readonly #places = new FieldPlaces();

  /** `secrets` are not shown. */
  constructor(secrets: readonly string[] = []) {
    this.#refusals.hide(secrets);
  }

  /** Keys that stand twice. Of a text that is no YAML, whoever reads it says so. */
  addDuplicateKeys(file: RefusedFile): void {
    const text = yamlOf(file);
    if (text === undefined) return;
    try {
      for (const document of parseYaml(text)) {
        for (const { path, keys } of duplicateKeys(text, document)) {
          const [last, ...others] = keys.toReversed();
          if (last === undefined) continue;
          const lines = [...others.toReversed(), last].map(({ line }) => line);
          const message = `${path} stands ${timesOf(lines.length)} in its mapping, ${placesOf(lines)}; the last one holds`;
          const error = new YamlError(message, { ...placeOf(text, last), hint: 'keep one of them' });
          this.#add('error', file, error);
        }
      }
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
    }
  }

  /** What a rule has to say of an object that was read from this text. */
  addFault(text: RenderedText, manifest: Manifest, { severity, path, message, hint = '' }: ObjectFault): void {
    const place = this.#places.placeOf(text, manifest, path);
    this.#add(severity, text, new YamlError(message, { ...place, hint }));
  }

  #add(severity: Finding['severity'], file: RefusedFile, error: YamlError): void {
    this.findings.push({ ...this.#refusals.add(file, error), severity });
  }
}

function yamlOf({ source, rendered = source }: RefusedFile): string | undefined {
  try {
    return yamlTextOf(rendered);
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}

function timesOf(count: number): string {
  return count === 2 ? 'twice' : `${count} times`;
}

function placesOf(lines: readonly number[]): string {
  const last = lines.at(-1);
  return new Set(lines).size === 1 ? `in line ${last}` : `in lines ${lines.slice(0, -1).join(', ')} and ${last}`;
}
