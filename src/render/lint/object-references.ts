import type { KubernetesObject } from '../../domain/manifest.ts';
import { groupOf } from '../kind-scopes.ts';
import { scaledBy } from './autoscaled-replicas.ts';
import type { Target } from './desired-state.ts';
import { below, type Field, itemsBelow, textBelow, wholeOf } from './fields.ts';
import type { FieldPath } from './finding.ts';
import type { PlacedObject } from './placed-object.ts';
import { containersOf, podTemplateOf } from './pods.ts';

/** Where an object names another one. */
export interface ObjectReference {
  path: FieldPath;
  target: Target;
  /** Of a Service, by its number or its name. */
  port?: number | string;
}

const rbac = 'rbac.authorization.k8s.io';

/** All objects that this one can't do without. */
export function referencesOf(placed: PlacedObject): ObjectReference[] {
  const whole = wholeOf(placed.object);
  switch (`${groupOf(placed.object.apiVersion)}/${placed.object.kind}`) {
    case `${rbac}/RoleBinding`:
    case `${rbac}/ClusterRoleBinding`:
      return [...roleReference(whole, placed.namespace), ...subjectReferences(whole)];
    case 'networking.k8s.io/Ingress':
      return ingressReferences(whole, placed.namespace);
    case 'admissionregistration.k8s.io/MutatingWebhookConfiguration':
    case 'admissionregistration.k8s.io/ValidatingWebhookConfiguration':
      return itemsBelow(whole, 'webhooks').flatMap((webhook) =>
        serviceReference(below(webhook, 'clientConfig', 'service')),
      );
    case 'apiextensions.k8s.io/CustomResourceDefinition':
      return serviceReference(below(whole, 'spec', 'conversion', 'webhook', 'clientConfig', 'service'));
    case 'apiregistration.k8s.io/APIService':
      return serviceReference(below(whole, 'spec', 'service'));
    case 'apps/StatefulSet':
      return [
        ...neededName(below(whole, 'spec'), 'serviceName', core('Service', placed.namespace, '')),
        ...podReferences(placed.object, placed.namespace),
      ];
    default:
      return [...scaleReference(placed), ...podReferences(placed.object, placed.namespace)];
  }
}

function roleReference(binding: Field, namespace: string): ObjectReference[] {
  const role = below(binding, 'roleRef');
  const [kind, name] = [textBelow(role, 'kind'), textBelow(role, 'name')];
  if (role === undefined || name === undefined || (kind !== 'Role' && kind !== 'ClusterRole')) return [];
  const target = { group: rbac, kind, namespace: kind === 'Role' ? namespace : '', name };
  return [{ path: [...role.path, 'name'], target }];
}

function subjectReferences(binding: Field): ObjectReference[] {
  return itemsBelow(binding, 'subjects').flatMap((subject) => {
    const [name, namespace] = [textBelow(subject, 'name'), textBelow(subject, 'namespace')];
    if (textBelow(subject, 'kind') !== 'ServiceAccount' || name === undefined || namespace === undefined) return [];
    return [{ path: [...subject.path, 'name'], target: core('ServiceAccount', namespace, name) }];
  });
}

function scaleReference(placed: PlacedObject): ObjectReference[] {
  const target = scaledBy(placed);
  return target === undefined ? [] : [{ path: ['spec', 'scaleTargetRef', 'name'], target }];
}

function ingressReferences(ingress: Field, namespace: string): ObjectReference[] {
  const backends = [
    below(ingress, 'spec', 'defaultBackend', 'service'),
    ...itemsBelow(ingress, 'spec', 'rules')
      .flatMap((rule) => itemsBelow(rule, 'http', 'paths'))
      .map((path) => below(path, 'backend', 'service')),
  ];
  return backends.flatMap((service) => {
    const name = textBelow(service, 'name');
    if (service === undefined || name === undefined) return [];
    const port = portOf(below(service, 'port', 'number') ?? below(service, 'port', 'name'));
    // AWS's load balancers take what to do from an annotation then.
    if (port.port === 'use-annotation') return [];
    return [{ path: [...service.path, 'name'], target: core('Service', namespace, name), ...port }];
  });
}

/** As webhooks and API services name a Service. */
function serviceReference(service: Field | undefined): ObjectReference[] {
  const [name, namespace] = [textBelow(service, 'name'), textBelow(service, 'namespace')];
  if (service === undefined || name === undefined || namespace === undefined) return [];
  const port = below(service, 'port') ?? { path: [], value: 443 };
  return [{ path: [...service.path, 'name'], target: core('Service', namespace, name), ...portOf(port) }];
}

function portOf(port: Field | undefined): { port?: number | string } {
  const value = port?.value;
  return typeof value === 'number' || typeof value === 'string' ? { port: value } : {};
}

function podReferences(object: KubernetesObject, namespace: string): ObjectReference[] {
  const template = podTemplateOf(object);
  if (template === undefined) return [];
  const volumes = itemsBelow(template, 'spec', 'volumes');
  const sources = [...volumes, ...volumes.flatMap((volume) => itemsBelow(volume, 'projected', 'sources'))];
  const containers = containersOf(template);
  const needed = (field: Field | undefined, kind: string, nameField = 'name') =>
    neededName(field, nameField, core(kind, namespace, ''));
  return [
    ...sources.flatMap((source) => [
      ...needed(below(source, 'configMap'), 'ConfigMap'),
      ...needed(below(source, 'secret'), 'Secret', textBelow(source, 'secret', 'secretName') ? 'secretName' : 'name'),
      ...needed(below(source, 'persistentVolumeClaim'), 'PersistentVolumeClaim', 'claimName'),
    ]),
    ...containers.flatMap((container) => [
      ...itemsBelow(container, 'envFrom').flatMap((from) => [
        ...needed(below(from, 'configMapRef'), 'ConfigMap'),
        ...needed(below(from, 'secretRef'), 'Secret'),
      ]),
      ...itemsBelow(container, 'env').flatMap((variable) => [
        ...needed(below(variable, 'valueFrom', 'configMapKeyRef'), 'ConfigMap'),
        ...needed(below(variable, 'valueFrom', 'secretKeyRef'), 'Secret'),
      ]),
    ]),
    ...needed(below(template, 'spec'), 'ServiceAccount', 'serviceAccountName'),
    ...neededName(below(template, 'spec'), 'priorityClassName', priorityClass),
  ];
}

const priorityClass: Target = { group: 'scheduling.k8s.io', kind: 'PriorityClass', namespace: '', name: '' };

/** The object whose name is in this field, unless it is optional. */
function neededName(field: Field | undefined, nameField: string, target: Target): ObjectReference[] {
  const name = textBelow(field, nameField);
  if (field === undefined || name === undefined || below(field, 'optional')?.value === true) return [];
  return [{ path: [...field.path, nameField], target: { ...target, name } }];
}

function core(kind: string, namespace: string, name: string): Target {
  return { group: '', kind, namespace, name };
}
