import { groupOf, isBuiltIn } from '../kind-scopes.ts';
import type { DesiredState } from './desired-state.ts';
import { textBelow, wholeOf } from './fields.ts';
import type { ObjectFault, Severity } from './finding.ts';
import type { PlacedObject } from './placed-object.ts';
import { quoted } from './quoted.ts';

/** Names that no API server takes. */
export function impossibleNames(placed: PlacedObject, state: DesiredState): ObjectFault[] {
  return [...ownName(placed, state), ...namespaceName(placed)];
}

/** What a kind's names may be: the sentence that says so, or undefined for a good one. */
type NameRule = (name: string) => string | undefined;

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const isLabel: NameRule = (name) => {
  if (name.length > 63) return 'at most 63 characters';
  return label.test(name) ? undefined : 'lower-case letters, digits and "-", with a letter or digit at both ends';
};

function isSubdomainUpTo(length: number): NameRule {
  return (name) => {
    if (name.length > length) return `at most ${length} characters`;
    if (subdomain.test(name)) return undefined;
    return 'lower-case letters, digits, "-" and ".", with a letter or digit at both ends of each part';
  };
}

const isSubdomain = isSubdomainUpTo(253);

/** All that a URL's path can hold. */
const isPathSegment: NameRule = (name) =>
  name === '.' || name === '..' || /[/%]/.test(name) ? 'neither "/" nor "%", and not "." or ".."' : undefined;

const isAnything: NameRule = () => undefined;

/** By group and kind; all others of Kubernetes' own are subdomains as of RFC 1123. */
const rules = new Map<string, NameRule>([
  ['/Namespace', isLabel],
  ['/Service', isLabel],
  ['apps/StatefulSet', isLabel],
  ['batch/CronJob', isSubdomainUpTo(52)],
  ['batch/Job', isSubdomainUpTo(63)],
  ['policy/PodDisruptionBudget', isPathSegment],
  ['rbac.authorization.k8s.io/ClusterRole', isPathSegment],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', isPathSegment],
  ['rbac.authorization.k8s.io/Role', isPathSegment],
  ['rbac.authorization.k8s.io/RoleBinding', isPathSegment],
  ['certificates.k8s.io/CertificateSigningRequest', isPathSegment],
  ['certificates.k8s.io/ClusterTrustBundle', isPathSegment],
  ['networking.k8s.io/IPAddress', isAnything],
  ['apiregistration.k8s.io/APIService', isPathSegment],
  ['internal.apiserver.k8s.io/StorageVersion', isPathSegment],
]);

function ownName({ object }: PlacedObject, state: DesiredState): ObjectFault[] {
  const { apiVersion, kind, metadata } = object;
  const path = ['metadata', 'name'];
  const named = nameFromSpec(object);
  if (named !== undefined && named !== metadata.name) {
    const message = `metadata.name ${quoted(metadata.name)} must be ${quoted(named)}, by what this ${kind} says in its spec`;
    return [{ severity: 'error', path, message }];
  }
  const rule = rules.get(`${groupOf(apiVersion)}/${kind}`) ?? isSubdomain;
  const expected = rule(metadata.name);
  if (expected !== undefined) {
    return [
      { severity: certainty(object, state), path, message: `metadata.name ${sentence(metadata.name, kind, expected)}` },
    ];
  }
  if (kind !== 'Service' || groupOf(apiVersion) !== '' || !/^\d/.test(metadata.name)) return [];
  // Newer API servers take them.
  return [
    {
      severity: 'warning',
      path,
      message: `metadata.name ${sentence(metadata.name, kind, 'a letter at the beginning')}`,
    },
  ];
}

/** An API server of somebody else's may have rules of its own. */
function certainty(object: PlacedObject['object'], { scopes }: DesiredState): Severity {
  return isBuiltIn(object.apiVersion) || scopes.scopeOf(object) !== 'unknown' ? 'error' : 'warning';
}

function namespaceName({ namespace }: PlacedObject): ObjectFault[] {
  const expected = namespace === '' ? undefined : isLabel(namespace);
  if (expected === undefined) return [];
  const message = `metadata.namespace ${sentence(namespace, 'Namespace', expected)}`;
  return [{ severity: 'error', path: ['metadata', 'namespace'], message }];
}

/** Of kinds whose name is made of what the spec says. */
function nameFromSpec(object: PlacedObject['object']): string | undefined {
  const whole = wholeOf(object);
  const group = textBelow(whole, 'spec', 'group');
  if (object.kind === 'CustomResourceDefinition' && groupOf(object.apiVersion) === 'apiextensions.k8s.io') {
    const plural = textBelow(whole, 'spec', 'names', 'plural');
    return plural === undefined || group === undefined ? undefined : `${plural}.${group}`;
  }
  if (object.kind === 'APIService' && groupOf(object.apiVersion) === 'apiregistration.k8s.io') {
    const version = textBelow(whole, 'spec', 'version');
    return version === undefined || group === undefined ? undefined : `${version}.${group}`;
  }
  return undefined;
}

function sentence(name: string, kind: string, expected: string): string {
  return `${quoted(name)} is no name that API servers take for the kind ${kind}; expected ${expected}`;
}
