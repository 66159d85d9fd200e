import { isJsonObject, type Json } from '../../domain/json.ts';
import { groupOf } from '../kind-scopes.ts';
import { below, type Field, wholeOf } from './fields.ts';
import type { FieldPath, ObjectFault } from './finding.ts';
import type { PlacedObject } from './placed-object.ts';
import { podTemplateOf } from './pods.ts';
import { quoted } from './quoted.ts';

/** Labels and annotations that no API server takes, of the object, of its pods, and in its selector. */
export function impossibleLabels({ object }: PlacedObject): ObjectFault[] {
  const whole = wholeOf(object);
  const template = object.kind === 'Pod' ? undefined : podTemplateOf(object);
  const ofService = groupOf(object.apiVersion) === '' && object.kind === 'Service';
  return [
    ...labelFaults(below(whole, 'metadata', 'labels')),
    ...annotationFaults(below(whole, 'metadata', 'annotations')),
    ...labelFaults(below(template, 'metadata', 'labels')),
    ...annotationFaults(below(template, 'metadata', 'annotations')),
    ...(template === undefined ? [] : labelFaults(below(whole, 'spec', 'selector', 'matchLabels'))),
    ...(ofService ? labelFaults(below(whole, 'spec', 'selector')) : []),
  ];
}

const word = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const prefix = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function labelFaults(labels: Field | undefined): ObjectFault[] {
  return eachText(labels, (key, value, at) => [...keyFaults(key, key, at), ...valueFaults(value, at)]);
}

/** In annotations' keys, Kubernetes doesn't mind upper-case letters before the slash. */
function annotationFaults(annotations: Field | undefined): ObjectFault[] {
  return eachText(annotations, (key, _, at) => keyFaults(key, key.toLowerCase(), at));
}

interface Entry {
  /** As people read it: `metadata.labels`. */
  map: string;
  key: string;
  path: FieldPath;
}

/** What is no text is a fault by itself: an API server does not make texts of numbers. */
function eachText(
  map: Field | undefined,
  faultsOf: (key: string, value: string, entry: Entry) => ObjectFault[],
): ObjectFault[] {
  if (map === undefined) return [];
  const name = map.path.join('.');
  if (!isJsonObject(map.value)) {
    return [{ severity: 'error', path: map.path, message: `${name} must be a map of texts, not ${kindOf(map.value)}` }];
  }
  return Object.entries(map.value).flatMap(([key, value]) => {
    const entry = { map: name, key, path: [...map.path, key] };
    if (typeof value === 'string') return faultsOf(key, value, entry);
    if (value === null) return faultsOf(key, '', entry);
    const message = `${name}[${quoted(key)}] must be a text, not ${kindOf(value)}; put it in quotes`;
    return [{ severity: 'error' as const, path: entry.path, message }];
  });
}

function keyFaults(key: string, checked: string, { map, path }: Entry): ObjectFault[] {
  const parts = checked.split('/');
  const name = parts.at(-1) ?? '';
  const domain = parts.length === 2 ? parts[0] : undefined;
  const isGood =
    parts.length <= 2 &&
    name.length <= 63 &&
    word.test(name) &&
    (domain === undefined || (domain.length <= 253 && prefix.test(domain)));
  if (isGood) return [];
  const message = `${quoted(key)} can be no key in ${map}: a key is up to 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends, and may have a domain and "/" before it`;
  return [{ severity: 'error', path, message }];
}

function valueFaults(value: string, { map, key, path }: Entry): ObjectFault[] {
  if (value === '' || (value.length <= 63 && word.test(value))) return [];
  const message = `${map}[${quoted(key)}]: ${quoted(value)} can be no label's value, which is up to 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends`;
  return [{ severity: 'error', path, message }];
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  return isJsonObject(value) ? 'a map' : `the ${typeof value} ${String(value)}`;
}
