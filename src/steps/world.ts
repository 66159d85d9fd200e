import type { GateWord } from '../domain/channel.ts';
import type { Cluster } from '../domain/cluster.ts';
import type { RunSecrets } from '../domain/secrets/discretion.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { ClusterFacts } from '../ports/cluster-facts.ts';
import type { ClusterProvider } from '../ports/cluster-provider.ts';
import type { ClusterRegistry } from '../ports/cluster-registry.ts';
import type { Forge } from '../ports/forge.ts';
import type { Gate } from '../ports/gate.ts';
import type { GitSource } from '../ports/git-source.ts';
import type { Kube } from '../ports/kube.ts';
import type { ManifestTools } from '../ports/manifest-tools.ts';
import type { AuditLog } from '../ports/store.ts';

/** Programs that conformance needs, made or found when first asked for. */
export interface ConformanceTools {
  /** Absolute paths; can take minutes the first time on a machine. */
  prepare(
    report: (line: string) => void,
    signal: AbortSignal,
  ): Promise<{ e2eTest: string; ginkgo: string; kubectl: string }>;
}

/** Everything outside that a step can ask for; each declares which parts it needs. */
export interface World {
  git: GitSource;
  kube: Kube;
  gates: Readonly<Record<GateWord, Gate>>;
  registry: ClusterRegistry;
  providers: ReadonlyMap<string, ClusterProvider>;
  facts(cluster: Cluster): ClusterFacts;
  /** Undefined where there is none: a run from a terminal. */
  forge: Forge | undefined;
  artifacts: Artifacts;
  audit: AuditLog;
  conformanceTools: ConformanceTools;
  manifestTools: ManifestTools;
  /** Whoever meets a secret says so here, and no text of the run shows it. */
  secrets: RunSecrets;
  /** A folder of the run's own for files of running programs; it outlives the worker and goes with the run. */
  workFolder(runId: string): Promise<string>;
  /** The runs that have one. */
  workFolders(): Promise<string[]>;
}
