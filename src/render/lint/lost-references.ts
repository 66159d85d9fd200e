import { groupOf } from '../kind-scopes.ts';
import type { DesiredState, Target } from './desired-state.ts';
import { itemsBelow, textBelow, wholeOf } from './fields.ts';
import type { ObjectFault } from './finding.ts';
import { isMadeElsewhere } from './made-elsewhere.ts';
import { type ObjectReference, referencesOf } from './object-references.ts';
import type { PlacedObject } from './placed-object.ts';
import { quoted } from './quoted.ts';

/** References to objects that nobody makes, as far as can be seen. */
export function lostReferences(placed: PlacedObject, state: DesiredState): ObjectFault[] {
  return referencesOf(placed).flatMap((reference) => {
    const found = state.find(reference.target);
    if (found !== undefined) return lostPort(reference, found, state);
    if (isMadeElsewhere(reference.target, state)) return [];
    const message = `there is no ${named(reference.target)} in this cluster's desired state${similarTo(reference.target, state)}`;
    return [warning(reference, message)];
  });
}

function warning({ path }: ObjectReference, message: string): ObjectFault {
  return { severity: 'warning', path, message };
}

function named({ kind, namespace, name }: Target): string {
  return `${kind} ${quoted(name)}${namespace === '' ? '' : ` in the namespace ${namespace}`}`;
}

/** The one in another namespace, which is what is often meant. */
function similarTo({ group, kind, namespace, name }: Target, state: DesiredState): string {
  const other = state.objects.find(
    ({ object }) => object.kind === kind && groupOf(object.apiVersion) === group && object.metadata.name === name,
  );
  return other === undefined || namespace === '' ? '' : `; there is one in the namespace ${other.namespace}`;
}

function lostPort(reference: ObjectReference, service: PlacedObject, state: DesiredState): ObjectFault[] {
  const { port, target } = reference;
  const whole = wholeOf(service.object);
  const ports = itemsBelow(whole, 'spec', 'ports');
  if (port === undefined || target.kind !== 'Service' || textBelow(whole, 'spec', 'type') === 'ExternalName') return [];
  const known = ports.flatMap(({ value }) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    return [value.port, value.name].filter((one) => typeof one === 'number' || typeof one === 'string');
  });
  if (known.includes(port)) return [];
  const message = `${state.describe(service)} has no port ${JSON.stringify(port)}; it has ${known.join(', ') || 'none'}`;
  return [warning(reference, message)];
}
