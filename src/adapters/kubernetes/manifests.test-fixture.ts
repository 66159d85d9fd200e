import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { KubernetesObject, Manifest } from '../../domain/manifest.ts';

const identity = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

/** Manifests of a YAML text, as if it were the file `manifests/app/all.yaml`; lines count from 1. */
export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => ({
    object: asObject(document.toJS()),
    file: 'manifests/app/all.yaml',
    line: text.slice(0, document.contents?.range?.[0] ?? 0).split('\n').length,
  }));
}

function asObject(value: unknown): KubernetesObject {
  const known = identity.parse(value);
  const clone: KubernetesObject = JSON.parse(JSON.stringify(known));
  return clone;
}
