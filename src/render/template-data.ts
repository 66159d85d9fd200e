import { CLUSTER } from './cluster-value.ts';
import { NODE_POOL } from './node-pool-value.ts';
import { ANY_MAP, pointerTo, structType } from './template/go-type.ts';
import { type GoMap, Pointer, pointer, Struct } from './template/go-value.ts';

const TEMPLATE_DATA = structType('provisioner.templateData', [
  { name: 'Cluster', type: pointerTo(CLUSTER) },
  { name: 'Values', type: ANY_MAP },
  { name: 'NodePool', type: pointerTo(NODE_POOL) },
]);
const noPool = new Pointer(pointerTo(NODE_POOL), undefined);

/** What templates see as dot: `{Cluster, Values, NodePool}`. */
export function templateData(cluster: Pointer, values: GoMap, nodePool: Pointer | undefined): Pointer {
  return pointer(new Struct(TEMPLATE_DATA, [cluster, values, nodePool ?? noPool]));
}
