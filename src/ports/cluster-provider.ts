/** What is to be made: an ephemeral or a lasting cluster. */
export interface ClusterSpec {
  /** Unique per provider; a DNS label of at most 40 characters. Deterministic: asking twice for a name is asking for the same cluster. */
  name: string;
  /** How many nodes carry pods. A provider without real nodes makes none and says so in its powers. */
  nodes: number;
  /** Free text kept with the cluster, e.g. the id of the run that leases it. */
  owner: string;
  /** When the reaper may take it, or undefined for a lasting one. */
  expiresAt: Date | undefined;
  /** Which of the official test images nodes without a registry have from the start: those of the smoke profile, or all. */
  testImages?: 'light' | 'full';
}

/** What a cluster can do; suites are chosen by it, and what they leave out for what it lacks stands in the report. */
export interface ProviderPowers {
  /** Pods really run. */
  realNodes: boolean;
  /** More than one node can be had. */
  severalNodes: boolean;
  loadBalancers: boolean;
  /** One sentence for each power that is missing: why, and what to install or change to get it. */
  missing: string[];
}

export type ClusterState =
  | { phase: 'absent' }
  | { phase: 'creating'; progress: string }
  | { phase: 'ready' }
  | { phase: 'deleting'; left: string[] }
  /** It will not get ready by waiting: `reason` names the part and carries its last words. */
  | { phase: 'failed'; reason: string };

export interface ProvidedCluster {
  name: string;
  owner: string;
  expiresAt: Date | undefined;
  state: ClusterState;
}

/**
 * Makes and removes clusters. Every call looks at the world first and can be repeated after a crash at any point.
 * `ensure` and `delete` do as much as they can at once, and return before the signal's deadline: a caller calls again
 * until the phase is final.
 */
export interface ClusterProvider {
  /** The word in YAML: `local`, `kind`, `existing`. */
  readonly kind: string;
  /** Of a cluster that is not there: what it could do if it were made here. */
  powers(name: string): Promise<ProviderPowers>;
  ensure(spec: ClusterSpec, signal: AbortSignal): Promise<ClusterState>;
  describe(name: string): Promise<ClusterState>;
  /** Administrator's kubeconfig as YAML text; throws a FairwayError when there is no such cluster. */
  kubeconfig(name: string): Promise<string>;
  delete(name: string, signal: AbortSignal): Promise<ClusterState>;
  list(): Promise<ProvidedCluster[]>;
}
