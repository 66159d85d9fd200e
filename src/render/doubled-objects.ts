import type { Component, Manifest } from '../domain/manifest.ts';
import { KindScopes } from './kind-scopes.ts';
import type { RefusalList } from './refusal-list.ts';
import type { RenderedTexts } from './rendered-texts.ts';
import { YamlError } from './yaml/error.ts';

/** Refuses objects that stand more than once in what a cluster is to be: each would undo the other. */
export function refuseDoubledObjects(
  components: readonly Component[],
  texts: RenderedTexts,
  refusals: RefusalList,
): void {
  const scopes = new KindScopes(components.flatMap(({ manifests }) => manifests));
  const known = new Map<string, Manifest>();
  for (const { name, manifests } of components) {
    for (const manifest of manifests) {
      const key = scopes.keyOf(manifest.object);
      const first = known.get(key);
      if (first === undefined) known.set(key, manifest);
      else {
        const message = `${scopes.describe(manifest.object)} is already defined in ${first.file}:${first.line}; keep one of the two`;
        refusals.add(texts.of(name, manifest), new YamlError(message, { line: manifest.line, column: 1 }));
      }
    }
  }
}
