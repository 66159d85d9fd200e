import type { Deletion, KubernetesObject, Manifest, ObjectRef } from '../domain/manifest.ts';

/** What the API server said of one object. */
export interface Refusal {
  ref: ObjectRef;
  file: string;
  line: number;
  /** The API server's own sentence, or what people need of it: a few lines. */
  message: string;
  /** All that the API server said, where `message` is less. */
  detail?: string;
}

export interface AppliedObject {
  ref: ObjectRef;
  /** `done`: it ran to its end before, and is gone. */
  change: 'created' | 'configured' | 'unchanged' | 'done';
}

/** How objects that run to their end are treated. */
export interface ApplyOptions {
  /** Names the apply that this call is part of: what ended badly in one is tried anew by another, not by this one going on after a wait or a crash. */
  attempt: string;
  /** `wait`: what comes after a chart's hook waits for it to complete. `start`: it doesn't, since no pod can run in the cluster. */
  hooks: 'wait' | 'start';
  /** They take place when nothing was refused, before the objects that they are for are applied. */
  handovers?: Handover[];
}

/** A list of deletions of one apply: what it means is found out when it is first called, and what comes after that is not touched. */
export interface DeletionList {
  list: 'pre_apply' | 'post_apply';
  attempt: string;
}

/** `objects`: what this call has applied, also where it did not come to the end. */
export type ApplyOutcome =
  | { outcome: 'applied'; objects: AppliedObject[] }
  /** Nothing is wrong; something must settle first (a CRD is not established yet). Call again. */
  | { outcome: 'waiting'; reason: string; objects: AppliedObject[] }
  | { outcome: 'refused'; refusals: Refusal[]; objects: AppliedObject[] };

/** What the repository wants of a cluster. */
export interface Desired {
  revision: string;
  manifests: Manifest[];
  /** Every entry of `deletions.yaml`: what is named there may be pruned although something is in it. */
  deletions: Deletion[];
}

/** An object that was not pruned on purpose, and is not held in the inventory any more. */
export interface SparedObject {
  ref: ObjectRef;
  reason: string;
}

/** An object that is to be deleted and is still there. */
export interface LeftObject {
  ref: ObjectRef;
  /** What holds it, and for how long: `finalizer example.org/hold holds it, for 2m 10s`. */
  reason: string;
}

/** An object that can't be deleted as things are. */
export interface DeleteRefusal {
  ref: ObjectRef;
  /** A whole sentence that begins with the object. */
  message: string;
  /** The entry of `deletions.yaml` that would let it go all the same. */
  entry?: Deletion;
}

/** `objects` are gone since the call before. `spared` comes from `prune` only, and only when there are any. */
export type DeleteOutcome =
  | { outcome: 'deleted'; objects: ObjectRef[]; spared?: SparedObject[] }
  /** Finalizers or running pods still hold these. Call again. */
  | { outcome: 'waiting'; left: LeftObject[]; objects: ObjectRef[]; spared?: SparedObject[] }
  | { outcome: 'refused'; refusals: DeleteRefusal[]; spared?: SparedObject[] };

/** Something that only one object can have passes from one that is no longer wanted to one that is. */
export interface Handover {
  from: ObjectRef;
  to: ObjectRef;
  /** The new object as it can be tried while the old one is there; undefined when it can't be tried at all. */
  trial: KubernetesObject | undefined;
}

export interface PrunePlan {
  /** What `prune` would be refused. Empty: as far as it can be known beforehand, nothing. */
  refusals: DeleteRefusal[];
  /** For `apply`. */
  handovers: Handover[];
}

export type Health = 'ready' | 'progressing' | 'failed';

export interface ObjectHealth {
  ref: ObjectRef;
  health: Health;
  /** What the cluster must have for the object ever to get ready; undefined when nothing beyond its API server. */
  needs: 'nodes' | 'load balancers' | undefined;
  /** For people: `2 of 3 replicas ready; pod web-abc: container app: ImagePullBackOff: …` with its last log lines. */
  reason: string;
}

export interface InventoryObject extends ObjectRef {
  /** The annotation of its last manifest that spares it from prune: `helm.sh/resource-policy: keep`. */
  kept?: string;
}

/** Objects applied by Fairway, kept in the cluster itself, so that what was pruned and what not survives the loss of our store. */
export interface Inventory {
  /** The revision it was applied from. */
  revision: string;
  objects: InventoryObject[];
}

export interface NodeSummary {
  name: string;
  ready: boolean;
  schedulable: boolean;
  kubeletVersion: string;
  reason: string;
}

/** What pods ask for, and what the node can give. */
export interface Share {
  requested: number;
  allocatable: number;
}

export interface NodeLoad {
  name: string;
  /** Not cordoned. */
  schedulable: boolean;
  /** `DiskPressure: kubelet has disk pressure`, one per pressure that the kubelet reports. */
  pressures: string[];
  /** In cores. */
  cpu: Share;
  /** In bytes. */
  memory: Share;
  pods: Share;
}

/** A Service that has a selector. */
export interface ServiceEndpoints {
  ref: ObjectRef;
  ready: number;
  notReady: number;
}

export interface ApiReadiness {
  ready: boolean;
  /** The checks of /readyz that fail, in the API server's words; empty when ready. */
  reason: string;
  /** Median of a few requests. */
  latencyMs: number;
}

/** What gates measure. */
export interface ClusterGauges {
  nodes(signal: AbortSignal): Promise<NodeSummary[]>;
  nodeLoads(signal: AbortSignal): Promise<NodeLoad[]>;
  /** The Services that Fairway applied and that have a selector: what others run in the cluster is not for a rollout to judge. */
  serviceEndpoints(signal: AbortSignal): Promise<ServiceEndpoints[]>;
  apiReadiness(signal: AbortSignal): Promise<ApiReadiness>;
}

/**
 * One cluster, by an administrator's kubeconfig. Every call can be repeated. A cluster that does not answer is a
 * FairwayError of kind `unavailable`.
 */
export interface ClusterClient extends ClusterGauges {
  /**
   * Server-side apply under one field manager: namespaces and CRDs first, then the rest in the order given, with charts' hooks in their
   * places. When the dry run refuses an object nothing is changed, but that Namespaces and CRDs stay which had to be there to
   * try it. What ran to its end and is gone is not made anew. Without options, each call is an apply of its own and waits for hooks.
   */
  apply(manifests: Manifest[], signal: AbortSignal, options?: ApplyOptions): Promise<ApplyOutcome>;
  /** What will be refused because something would be lost. Reads only. */
  planPrune(desired: Desired, signal: AbortSignal): Promise<PrunePlan>;
  /** Prunes what could stop others from being applied: configurations of webhooks, admission policies, APIServices. Then tries to delete the rest, without doing it. */
  pruneGuards(desired: Desired, signal: AbortSignal): Promise<DeleteOutcome>;
  /** Deletes what the inventory holds and `desired` does not, then writes the inventory; what could not be deleted stays in it. */
  prune(desired: Desired, signal: AbortSignal): Promise<DeleteOutcome>;
  /** Adds the manifests' objects to the inventory before they are applied, so that a crash in between forgets nothing. */
  record(desired: Desired, signal: AbortSignal): Promise<void>;
  inventory(signal: AbortSignal): Promise<Inventory | undefined>;
  /** `deletions.yaml`; what is not there counts as deleted. Without `once`, each call deletes what it finds. */
  delete(deletions: Deletion[], signal: AbortSignal, once?: DeletionList): Promise<DeleteOutcome>;
  health(objects: ObjectRef[], signal: AbortSignal): Promise<ObjectHealth[]>;
  /** The API server's gitVersion, e.g. `v1.34.4`. */
  version(signal: AbortSignal): Promise<string>;
}

export interface Kube {
  /** `kubeconfig` is YAML text. */
  connect(kubeconfig: string): ClusterClient;
}
