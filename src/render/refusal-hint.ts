import { closestName } from '../domain/closest-name.ts';
import { CLUSTER } from './cluster-value.ts';
import { NODE_POOL } from './node-pool-value.ts';
import { templateFunctions } from './template-functions.ts';

const fields = new Map([
  ['*provisioner.templateData', ['Cluster', 'Values', 'NodePool']],
  ['*api.Cluster', [...CLUSTER.fieldIndex.keys(), ...CLUSTER.methods.keys()]],
  ['*api.NodePool', [...NODE_POOL.fieldIndex.keys(), ...NODE_POOL.methods.keys()]],
]);

const values = [
  ...['subnets', 'lb_subnets', 'internal_node_subnets', 'pod_subnets', 'availability_zones', 'subnet_ipv6_cidrs'],
  ...['hosted_zone', 'load_balancer_certificate', 'vpc_ipv4_cidr', 'vpc_ipv6_cidrs', 'etcd_kms_key_arn'],
  ...['etcd_instance_type_info', 'S3GeneratedFilesPath', 'ClusterStackOutputs', 'InstanceInfo'],
  ...['supports_t2_unlimited', 'UserData'],
];

/** What would be right, by what the engine says. */
const hints: [RegExp, (match: RegExpExecArray) => string][] = [
  [
    /at <\.Cluster\.ConfigItems\.[^>]*>: map has no entry for key "([^"]+)"/,
    ([, key]) => `give ${key} a default in config-defaults.yaml, or set it as a config item of the cluster`,
  ],
  [
    /at <\.NodePool\.ConfigItems\.[^>]*>: map has no entry for key "([^"]+)"/,
    ([, key]) =>
      `set ${key} as a config item of the node pool or of the cluster, or test for it with: if index .NodePool.ConfigItems "${key}"`,
  ],
  [
    /map has no entry for key "([^"]+)"/,
    ([, key = '']) =>
      meant('value', key, values) ?? `the value ${key} is not known here; check its name, or test for it with: index`,
  ],
  [
    /function "([^"]+)" not defined/,
    ([, name = '']) =>
      meant('function', name, templateFunctions.keys()) ?? `there is no function ${name}; check its name`,
  ],
  [
    /can't evaluate field (\S+) in type (\S+)$/,
    ([, name = '', type = '']) => meant('field', name, fields.get(type) ?? []) ?? '',
  ],
  [/unclosed action|unexpected EOF/, () => 'close every {{ with }}, and every if, range, with, define with {{ end }}'],
  [/unexpected \{\{end\}\}/, () => 'remove this end, or add the if, range or with that it closes'],
  [/cannot start any token/, () => 'indent with spaces, and quote values that begin with a tab, @, ` or %'],
  [/mapping values are not allowed/, () => 'check the indentation; quote values that contain ": "'],
  [/did not find expected/, () => 'check the indentation and the brackets up to this line'],
  [
    /expecting kind\/apiVersion\/metadata\.name/,
    () => 'every document of a manifest needs kind, apiVersion and metadata.name',
  ],
  [/excessive aliasing/, () => 'write the repeated parts out, or use fewer aliases'],
];

export function hintFor(message: string): string {
  for (const [pattern, hint] of hints) {
    const match = pattern.exec(message);
    if (match !== null) return hint(match);
  }
  return '';
}

/** A sentence with the name that was probably meant. */
export function meant(what: string, wrong: string, names: Iterable<string>): string | undefined {
  const closest = closestName(wrong, names);
  return closest === undefined ? undefined : `there is no ${what} ${wrong}; is ${closest} meant?`;
}
