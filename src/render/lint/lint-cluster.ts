import type { RenderedCluster } from '../rendered-cluster.ts';
import type { RenderedTexts } from '../rendered-texts.ts';
import { autoscaledReplicas } from './autoscaled-replicas.ts';
import { DesiredState } from './desired-state.ts';
import { exportedFields } from './exported-fields.ts';
import type { Finding, ObjectFault } from './finding.ts';
import { FindingList } from './finding-list.ts';
import { impossibleLabels } from './impossible-labels.ts';
import { impossibleNames } from './impossible-names.ts';
import { lostNamespaces } from './lost-namespaces.ts';
import { lostReferences } from './lost-references.ts';
import { lostSelectors } from './lost-selectors.ts';
import type { PlacedObject } from './placed-object.ts';

type Rule = (object: PlacedObject, state: DesiredState) => ObjectFault[];

/** What lint looks for in the objects of a cluster, one file each. */
const rules: readonly Rule[] = [
  impossibleNames,
  impossibleLabels,
  exportedFields,
  autoscaledReplicas,
  lostNamespaces,
  lostReferences,
  lostSelectors,
];

/** What a reader of one cluster's desired state would stumble over, whether or not it can be rendered. */
export function lintCluster(rendered: RenderedCluster, texts: RenderedTexts): Finding[] {
  const list = new FindingList(rendered.secrets);
  for (const text of texts.all) list.addDuplicateKeys(text);
  const state = new DesiredState(rendered.components);
  for (const placed of state.objects) {
    const text = texts.of(placed.component, placed.manifest);
    for (const rule of rules) for (const fault of rule(placed, state)) list.addFault(text, placed.manifest, fault);
  }
  return list.findings;
}
